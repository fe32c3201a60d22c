// The list of operations as far as it was read: the newest first, older ones by cursor, and those that end meanwhile.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Answer, type Problem, type Schemas, get } from "../../lib/api.ts";
import { type Params, asOf, search } from "../../lib/router.ts";
import { useAgain, useTick } from "../../lib/use.ts";

export type Operation = Schemas["Operation"];
type Page = Answer<"/api/v1/operations">;

/** How many are read at once. A page of rows is full with as many that fit. */
const PART = 200;
/** How many where few of them may fit, … */
const MANY = 1_000;
/** … and how many are looked through for them until the viewer asks for more. */
const MOST = 5_000;
/** How many when it is only to see what is new. */
const NEWEST = 50;

export interface Log {
  /** Those that fit … */
  rows: Operation[];
  /** … of so many that were read. */
  looked: number;
  /** What is past this offset came while one was looking. */
  known: number;
  problem: Problem | null;
  loading: boolean;
  /** Reads on, unless that was all. */
  more: (() => void) | undefined;
  /** Whether so few fit that nobody but the viewer says whether to read on. */
  sparse: boolean;
  reload: () => void;
}

interface Held {
  key: string;
  rows: Operation[];
  known: number;
  next: string | null;
  /** Whether what was read last filled a page. */
  full: boolean;
  problem: Problem | null;
}

const nothing = (key: string): Held => ({ key, rows: [], known: 0, next: null, full: true, problem: null });

/** What was read at once. */
type Part = Pick<Held, "rows" | "next" | "full">;
type Fits = (row: Operation) => boolean;

/** Says of operations whether they ended with an error code; with none given, all fit. The server does not choose by it. */
export function withCode(code: string): Fits {
  return (row) => code === "" || row.error_code === code;
}

/** Reads on until a page is full of what fits, or that is all, or too much was looked through. */
export async function readOn(
  read: (cursor: string | null) => Promise<Page>,
  cursor: string | null,
  fits: Fits,
): Promise<Part> {
  const rows: Operation[] = [];
  let found = 0;
  for (let next = cursor; ; ) {
    const page = await read(next);
    rows.push(...page.operations);
    found += page.operations.filter(fits).length;
    next = page.next;
    const full = found >= PART;
    if (full || next === null || rows.length >= MOST) return { rows, next, full };
  }
}

/** Puts what was read anew before what was there. What is not next to it is given up: it is read again when it is wanted. */
export function withNewest(held: Held, page: Page): Held {
  const newest = held.rows[0]?.offset ?? 0;
  const known = held.rows.length > 0 ? newest : Infinity;
  const fresh = page.operations.filter(({ offset }) => offset > newest);
  if (fresh.length === page.operations.length && page.next !== null) {
    return { ...held, rows: page.operations, known, next: page.next, full: true, problem: null };
  }
  return { ...held, rows: [...fresh, ...held.rows], known, problem: null };
}

/** Those that end meanwhile come in at most once in so many milliseconds; 0 is never. */
export function useLog(params: Params, code: string, pace: number): Log {
  const all = { ...params, as_of: asOf.value };
  const key = search({ ...all, code });
  const [held, setHeld] = useState(() => nothing(key));
  const [turn, setTurn] = useState(0);
  const [reading, setReading] = useState(true);
  const running = useRef<AbortController | null>(null);
  const tick = useTick(pace);

  const read = (cursor: string | null, add: (before: Held, part: Part) => Held) => {
    const stop = new AbortController();
    running.current = stop;
    setReading(true);
    const ask = (cursor: string | null) =>
      get("/api/v1/operations", { ...all, limit: code ? MANY : PART, cursor }, {}, stop.signal);
    const done = (to: (before: Held) => Held) => {
      if (stop.signal.aborted) return;
      running.current = null;
      setReading(false);
      setHeld(to);
    };
    readOn(ask, cursor, withCode(code)).then(
      (part) => done((before) => add(before, part)),
      (problem) => done((before) => ({ ...(cursor === null ? nothing(key) : before), problem })),
    );
  };

  useEffect(() => {
    read(null, (_, part) => ({ ...nothing(key), ...part, known: Infinity }));
    return () => running.current?.abort();
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
    const { next } = held;
    // What was given up meanwhile is not what this goes on from.
    if (!running.current && next !== null) read(next, (before, part) => (before.next === next ? appended(before, part) : before));
  };

  const now = held.key === key ? held : nothing(key);
  // What failed goes on where it was: from the beginning, who had scrolled far would lose all that they read.
  const reload = () => (now.problem && now.next !== null ? more() : setTurn((turn) => turn + 1));
  useAgain(now.problem, reload);
  const rows = useMemo(() => now.rows.filter(withCode(code)), [held, key]);
  return {
    rows,
    looked: now.rows.length,
    known: now.known,
    problem: now.problem,
    loading: reading || now !== held,
    more: now.next !== null && !now.problem ? more : undefined,
    sparse: !now.full,
    reload,
  };
}

function appended(before: Held, part: Part): Held {
  return { ...before, ...part, rows: [...before.rows, ...part.rows], problem: null };
}
