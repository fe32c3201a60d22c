// The events of one run, read page by page, and those that are added while one looks.
import { useEffect, useRef, useState } from "preact/hooks";
import { type Problem, type Schemas, get } from "../../lib/api.ts";
import { type Params, asOf } from "../../lib/router.ts";
import { useAgain, useTick } from "../../lib/use.ts";
import type { Event } from "./operations.ts";

const PAGE = 1_000;
const EVERY = 1_000;

export interface RunEvents {
  /** As far as they are read, in the order that was asked for. */
  events: readonly Event[];
  /** Reads the next page; nothing when all is read, or the last try failed. */
  more: (() => void) | undefined;
  /** Whether all is read. */
  whole: boolean;
  problem: Problem | null;
  again: () => void;
}

interface Read {
  question: string;
  events: readonly Event[];
  /** Where the next page begins. */
  next: string | null;
  begun: boolean;
  /** Whether there is more of what was added since. */
  behind: boolean;
  /** What went wrong; it stays until something is answered. */
  problem: Problem | null;
  /** Whether the last try failed, and nobody has asked for another. */
  stopped: boolean;
}

type Add = (before: Read, page: Schemas["EventsPage"]) => Read;

/** What every answer says about those before it. */
const well = { problem: null, stopped: false };

const nothing = (question: string): Read => ({ question, events: [], next: null, begun: false, behind: false, ...well });

const next: Add = (before, page) => ({
  ...before,
  events: page.events.length > 0 ? [...before.events, ...page.events] : before.events,
  next: page.next,
  begun: true,
  behind: false,
  ...well,
});

const newer: Add = (before, page) => ({
  ...before,
  events: page.events.length > 0 ? [...page.events.toReversed(), ...before.events] : before.events,
  behind: page.next !== null,
  ...well,
});

export function useRunEvents(run: string, newest: boolean): RunEvents {
  const upTo = asOf.value;
  const question = JSON.stringify([run, newest, upTo]);
  const [held, setRead] = useState<Read>(() => nothing(question));
  const read = held.question === question ? held : nothing(question);
  const asking = useRef<AbortController | null>(null);
  const served = useRef(0);
  const tick = useTick(upTo === null ? EVERY : 0);

  const load = (params: Params, add: Add) => {
    const stop = new AbortController();
    asking.current = stop;
    const done = (change: (before: Read) => Read) => {
      if (stop.signal.aborted) return;
      asking.current = null;
      setRead((before) => change(before.question === question ? before : nothing(question)));
    };
    get("/api/v1/events", { run, limit: PAGE, ...params }, {}, stop.signal).then(
      (page) => done((before) => add(before, page)),
      (problem) => done((before) => ({ ...before, problem, stopped: true })),
    );
  };
  const readOn = (cursor: string | null) => load({ order: newest ? "desc" : "asc", up_to: upTo, cursor }, next);

  useEffect(() => {
    setRead(nothing(question));
    readOn(null);
    return () => {
      asking.current?.abort();
      asking.current = null;
    };
  }, [question]);
  useEffect(() => {
    if ((tick === served.current && !read.behind) || asking.current || !read.begun || read.stopped) return;
    if (!newest && read.next !== null) return;
    served.current = tick;
    const last = read.events[newest ? 0 : read.events.length - 1]?.offset;
    load({ after: last, up_to: upTo }, newest ? newer : next);
  }, [tick, read]);

  const more = () => {
    if (!asking.current) readOn(read.next);
  };
  const again = () => {
    // The first page has all that was added until it is asked for.
    served.current = read.begun ? -1 : tick;
    setRead((before) => ({ ...before, stopped: false }));
    if (!read.begun && !asking.current) readOn(null);
  };
  useAgain(read.problem, again);
  return {
    events: read.events,
    more: read.next !== null && !read.stopped ? more : undefined,
    whole: read.begun && read.next === null,
    problem: read.problem,
    again,
  };
}
