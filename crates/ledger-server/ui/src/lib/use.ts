// How a view holds what it read.
import { useEffect, useRef, useState } from "preact/hooks";
import { head } from "./live.ts";
import { type Answer, type Problem, type Readable, get } from "./api.ts";
import { type Params, asOf, search } from "./router.ts";

export interface Held<T> {
  /** The newest that was read; while other is read, still the last. */
  data: T | null;
  problem: Problem | null;
  loading: boolean;
  reload: () => void;
}

/**
 * Reads something again whenever its key changes; what was asked before is given up. Until it is read, the last answer is shown if
 * it was to the same question: to another one it would mislead.
 */
export function useRead<T>(key: string, read: (signal: AbortSignal) => Promise<T>, question: string = key): Held<T> {
  const [held, setHeld] = useState<{ data: T | null; problem: Problem | null; question: string; loading: boolean }>({
    data: null,
    problem: null,
    question,
    loading: true,
  });
  const [turn, setTurn] = useState(0);
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    const stop = new AbortController();
    setHeld((before) => ({ ...before, loading: true }));
    latest.current(stop.signal).then(
      (data) => stop.signal.aborted || setHeld({ data, problem: null, question, loading: false }),
      (problem) =>
        stop.signal.aborted ||
        setHeld((before) => ({ data: before.question === question ? before.data : null, problem, question, loading: false })),
    );
    return () => stop.abort();
  }, [key, turn]);
  const known = held.question === question;
  return {
    data: known ? held.data : null,
    problem: known ? held.problem : null,
    loading: held.loading || !known,
    reload: () => setTurn((turn) => turn + 1),
  };
}

/**
 * Reads a path of the API as of the time that the viewer looks at. With `live`, it is read again when the ledger has grown, at most
 * once in so many milliseconds.
 */
export function useGet<P extends Readable>(
  path: P,
  params: Params = {},
  names: Record<string, string | number> = {},
  options: { live?: number; asOf?: boolean } = {},
): Held<Answer<P>> {
  const all = options.asOf === false ? params : { ...params, as_of: asOf.value };
  const tick = useTick(asOf.value === null ? (options.live ?? 0) : 0, head.value);
  const question = `${path}${JSON.stringify(names)}${search(all)}`;
  return useRead(`${question}#${tick}`, (signal) => get(path, all, names, signal), question);
}

/**
 * Counts up when the ledger has grown, at most once in so many milliseconds; 0 is never. Who has just read knows of all up to
 * some head: for them it counts up when there is more than that.
 */
export function useTick(every: number, known: number | null = null): number {
  const [tick, setTick] = useState(0);
  const last = useRef({ at: known === null ? 0 : performance.now(), head: known });
  const now = head.value;
  useEffect(() => {
    if (!every || now === null || now === last.current.head) return;
    const wait = Math.max(0, last.current.at + every - performance.now());
    const timer = setTimeout(() => {
      last.current = { at: performance.now(), head: now };
      setTick((tick) => tick + 1);
    }, wait);
    return () => clearTimeout(timer);
  }, [now, every]);
  return every ? tick : 0;
}
