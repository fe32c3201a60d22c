// How a view holds what it read.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Again } from "./again.ts";
import { head, link } from "./live.ts";
import { type Answer, type Problem, type Readable, get } from "./api.ts";
import { type Params, asOf, search } from "./router.ts";

export interface Held<T> {
  /** The newest that was read; while other is read, still the last. */
  data: T | null;
  problem: Problem | null;
  loading: boolean;
  reload: () => void;
}

/** Asks again what failed on the way to the server: once that is back, and a few times while it is there. */
export function useAgain(problem: Problem | null, again: () => void): void {
  const live = link.value === "live";
  const due = useMemo(() => new Again(), []);
  const latest = useRef(again);
  latest.current = again;
  useEffect(() => due.look(live, problem, () => latest.current()), [live, problem]);
}

/**
 * Reads something again whenever its key changes. A read for another question is given up; one for the same question ends first,
 * or an answer that takes long would never come. Until it is read, the last answer is shown if it was to the same question: to
 * another one it would mislead.
 */
export function useRead<T>(key: string, read: (signal: AbortSignal) => Promise<T>, question: string = key): Held<T> {
  type Known = { data: T | null; problem: Problem | null; question: string; loading: boolean };
  const [held, setHeld] = useState<Known>({ data: null, problem: null, question, loading: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(read);
  latest.current = read;
  const stop = useRef(new AbortController());
  const running = useRef(false);
  const stale = useRef(false);
  const start = () => {
    const { signal } = stop.current;
    running.current = true;
    stale.current = false;
    setHeld((before) => ({ ...before, loading: true }));
    const settle = (to: (before: Known) => Known) => {
      if (signal.aborted) return;
      running.current = false;
      setHeld(to);
      if (stale.current) start();
    };
    latest.current(signal).then(
      (data) => settle(() => ({ data, problem: null, question, loading: false })),
      (problem) =>
        settle((before) => ({ data: before.question === question ? before.data : null, problem, question, loading: false })),
    );
  };
  useEffect(() => {
    stop.current = new AbortController();
    running.current = false;
    return () => stop.current.abort();
  }, [question]);
  useEffect(() => {
    if (running.current) stale.current = true;
    else start();
  }, [question, key, turn]);
  const known = held.question === question;
  useAgain(known ? held.problem : null, () => setTurn((turn) => turn + 1));
  return {
    data: known ? held.data : null,
    problem: known ? held.problem : null,
    loading: held.loading || !known,
    reload: () => setTurn((turn) => turn + 1),
  };
}

/**
 * Reads a path of the API as of the time that the viewer looks at. With `live`, it is read again when the ledger has grown, at
 * most once in so many milliseconds, and less often where the answer takes long.
 */
export function useGet<P extends Readable>(
  path: P,
  params: Params = {},
  names: Record<string, string | number> = {},
  options: { live?: number; asOf?: boolean } = {},
): Held<Answer<P>> {
  const all = options.asOf === false ? params : { ...params, as_of: asOf.value };
  const took = useRef(0);
  const tick = useTick(asOf.value === null ? pace(options.live ?? 0, took.current) : 0);
  const question = `${path}${JSON.stringify(names)}${search(all)}`;
  const read = async (signal: AbortSignal) => {
    const began = performance.now();
    const answer = await get(path, all, names, signal);
    took.current = performance.now() - began;
    return answer;
  };
  return useRead(`${question}#${tick}`, read, question);
}

/** Says how often to ask what took so long, in milliseconds: an answer that is much work is asked for less often. */
export function pace(live: number, took: number): number {
  return live === 0 ? 0 : Math.max(live, Math.min(4 * took, 30_000));
}

/**
 * Counts up when the ledger has grown, at most once in so many milliseconds; 0 is never. Who comes reads all up to the head that
 * there is: for them it counts up when there is more than that. For who knows of nothing it counts up at once.
 */
export function useTick(every: number, known: number | null = head.value): number {
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
  return tick;
}
