// Events as they are read here: with the exact text of their payloads.
import { type Schemas, Problem, askText } from "../../lib/api.ts";
import { type Piece, member, partsOf, source, trusted } from "../../lib/json.ts";
import { type Params, search } from "../../lib/router.ts";
import { isFailure } from "../runs/operations.ts";

export type Event = Schemas["Event"];

/** An event, and what its JSON loses when it is parsed. */
export interface Recorded {
  event: Event;
  /** The payload as it was handed in. */
  payload: string;
  /** The stamp with all its digits. */
  lamport: string | null;
  /** All of it, as an export has it. */
  line: string;
}

export interface Page {
  events: Recorded[];
  /** Where it goes on; null when this was the last. */
  next: string | null;
}

/** What a row of the list needs; the payloads themselves may be large. */
export interface Row {
  offset: number;
  kind: string;
  run: string;
  actor: string;
  at: string;
  tags: string[];
  preview: string;
  failed: boolean;
}

function recorded(event: Event, line: Piece): Recorded {
  const lamport = member(line, "lamport");
  return {
    event,
    payload: event.payload_text ?? source(member(line, "payload")!),
    lamport: event.lamport === null || !lamport ? null : source(lamport),
    line: source(line),
  };
}

/** Reads a page of events. */
export async function readPage(params: Params, signal?: AbortSignal): Promise<Page> {
  const text = await askText(`/api/v1/events${search(params)}`, { signal, headers: { accept: "application/json" } });
  const page = JSON.parse(text) as { events: Event[]; next: string | null };
  const lines = partsOf(member(trusted(text), "events")!);
  return { events: page.events.map((event, at) => recorded(event, lines[at]!.value)), next: page.next };
}

/** Reads an event by its offset, or by its id when no event has that offset, or when the id is meant. */
export async function readOne(which: string, signal?: AbortSignal, byId: boolean = false): Promise<Recorded> {
  if (!byId && /^\d+$/.test(which)) {
    const text = await askText(`/api/v1/events/${which}`, { signal, headers: { accept: "application/json" } });
    return recorded(JSON.parse(text) as Event, trusted(text));
  }
  // Some ids are names of other paths, such as `query`.
  const { events } = await readPage({ id: which, limit: 1 }, signal);
  if (!events[0]) throw new Problem(404, "not_found", "no event has this id");
  return events[0];
}

const PREVIEW = 240;

export function rowOf({ event, payload }: Recorded): Row {
  return {
    offset: event.offset,
    kind: event.kind,
    run: event.run_id,
    actor: event.actor,
    at: event.created_at,
    tags: event.tags,
    // Letter by letter: a slice would keep the text of the whole page in memory.
    preview: [...payload.slice(0, 2 * PREVIEW).replace(/\s+/g, " ").slice(0, PREVIEW)].join(""),
    failed: failed(event),
  };
}

/** Says whether an event tells that something went wrong: as runs see it, or because it says so itself. */
export function failed(event: Event): boolean {
  if (isFailure(event)) return true;
  const status = (event.payload as { status?: unknown } | null)?.status;
  return status === "error" || status === "failed" || status === "timeout";
}
