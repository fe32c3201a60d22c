// The list of operations as far as it was read: the newest first, older ones by cursor, and those that end meanwhile.
import { useEffect, useRef, useState } from "preact/hooks";
import { type Answer, type Problem, type Schemas, get } from "../../lib/api.ts";
import { type Params, asOf, search } from "../../lib/router.ts";
import { useTick } from "../../lib/use.ts";

export type Operation = Schemas["Operation"];
type Page = Answer<"/api/v1/operations">;

/** How many are read at once. */
const PART = 200;
/** How many when it is only to see what is new. */
const NEWEST = 50;

export interface Log {
  rows: Operation[];
  /** What is past this offset came while one was looking. */
  known: number;
  problem: Problem | null;
  loading: boolean;
  /** Reads on, unless that was all. */
  more: (() => void) | undefined;
  reload: () => void;
}

interface Held {
  key: string;
  rows: Operation[];
  known: number;
  next: string | null;
  problem: Problem | null;
}

const nothing = (key: string): Held => ({ key, rows: [], known: 0, next: null, problem: null });

/** Puts what was read anew before what was there. What is not next to it is given up: it is read again when it is wanted. */
export function withNewest(held: Held, page: Page): Held {
  const newest = held.rows[0]?.offset ?? 0;
  const known = held.rows.length > 0 ? newest : Infinity;
  const fresh = page.operations.filter(({ offset }) => offset > newest);
  if (fresh.length === page.operations.length && page.next !== null) {
    return { ...held, rows: page.operations, known, next: page.next, problem: null };
  }
  return { ...held, rows: [...fresh, ...held.rows], known, problem: null };
}

export function useLog(params: Params, pace: number): Log {
  const all = { ...params, as_of: asOf.value, limit: PART };
  const key = search(all);
  const [held, setHeld] = useState(() => nothing(key));
  const [turn, setTurn] = useState(0);
  const [reading, setReading] = useState(true);
  const older = useRef<AbortController | null>(null);
  const tick = useTick(pace);

  useEffect(() => {
    const stop = new AbortController();
    older.current?.abort();
    older.current = null;
    setReading(true);
    get("/api/v1/operations", all, {}, stop.signal)
      .then(({ operations, next }) => setHeld({ ...nothing(key), rows: operations, known: Infinity, next }))
      .catch((problem) => stop.signal.aborted || setHeld({ ...nothing(key), problem }))
      .finally(() => stop.signal.aborted || setReading(false));
    return () => stop.abort();
  }, [key, turn]);

  useEffect(() => {
    if (!tick) return;
    const stop = new AbortController();
    get("/api/v1/operations", { ...all, limit: NEWEST }, {}, stop.signal)
      .then((page) => setHeld((held) => (held.key === key ? withNewest(held, page) : held)))
      .catch((problem) => stop.signal.aborted || setHeld((held) => ({ ...held, problem })));
    return () => stop.abort();
  }, [tick]);

  const more = () => {
    if (older.current || held.next === null) return;
    const stop = new AbortController();
    older.current = stop;
    setReading(true);
    get("/api/v1/operations", { ...all, cursor: held.next }, {}, stop.signal)
      .then(({ operations, next }) => {
        setHeld((held) => (held.key === key ? { ...held, rows: [...held.rows, ...operations], next, problem: null } : held));
      })
      .catch((problem) => stop.signal.aborted || setHeld((held) => ({ ...held, problem })))
      .finally(() => {
        if (stop.signal.aborted) return;
        older.current = null;
        setReading(false);
      });
  };

  const now = held.key === key;
  return {
    ...(now ? held : nothing(key)),
    loading: reading || !now,
    more: now && held.next !== null && !held.problem ? more : undefined,
    reload: () => setTurn((turn) => turn + 1),
  };
}
