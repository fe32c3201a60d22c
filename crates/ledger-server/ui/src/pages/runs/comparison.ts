// Two runs side by side: their events as far as they answer to each other, and what differs.
import { type Piece, trusted } from "../../lib/json.ts";
import type { Recorded } from "../events/read.ts";
import { type Step, align, joinMoved } from "./align.ts";
import { type Difference, butForRuns, differences } from "./diff.ts";
import { type Event, aboutOf, isFailure, operationOf, operationsOf } from "./operations.ts";
import { exact } from "./time.ts";

/** The most events of each run that are compared. */
export const BOUND = 2_000;

/** What each run has of its own, so that it says nothing that it differs. */
const OWN: ReadonlySet<string> = new Set([
  "id",
  "started_at",
  "finished_at",
  "duration_us",
  "queue_wait_us",
  "request_id",
  "connection_job_id",
  "connection_run_id",
]);

/** An event with the exact text of its payload. */
export type Told = Pick<Recorded, "event" | "payload">;

export interface Side extends Told {
  /** Milliseconds since the first event of its run. */
  since: number;
  /** Of an operation that has ended, in milliseconds. */
  duration: number | null;
}

export interface Row {
  key: string;
  kind: string;
  /** The name of an operation. */
  name: string | null;
  /** What it is about, such as a table. */
  about: string | null;
  /** The only one in which it failed. */
  failed: "A" | "B" | null;
  a: Side | null;
  b: Side | null;
  /** How much longer it took in `b` than in `a`. */
  ratio: number | null;
  isSlower: boolean;
  isFaster: boolean;
  /** Both have it, in another order. */
  isMoved: boolean;
  fields: Difference[];
}

export type Show = "all" | "differences" | "one" | "time" | "fields" | "order";

/** Half as long again, and long enough that one could notice. */
const MUCH = 1.5;
const NOTICED = 5;

/** The events of both runs, oldest first, aligned. What the rows of before tell of the same payloads is not found out again. */
export function compareEvents(a: readonly Told[], b: readonly Told[], before: readonly Row[] = []): Row[] {
  const known = new Map(before.map((row) => [row.key, row]));
  const side = (start: number) => ({ event, payload }: Told): Side => ({
    event,
    payload,
    since: exact(event.created_at) - start,
    duration: operationOf(event)?.duration ?? null,
  });
  const [left, right] = [a.map(side(startOf(a))), b.map(side(startOf(b)))];
  const alike = butForRuns(a[0]?.event.run_id ?? "", b[0]?.event.run_id ?? "");
  const steps = [a.map(step), b.map(step)] as const;
  return joinMoved(align(...steps), ...steps).map(({ pair: [i, j], isMoved }) => {
    const [one, other] = [i === null ? null : left[i]!, j === null ? null : right[j]!];
    const event = (one ?? other)!.event;
    const but = event.kind.startsWith("operation.") ? OWN : undefined;
    const name = operationOf(event)?.name ?? null;
    const key = `${one?.event.offset ?? ""}-${other?.event.offset ?? ""}`;
    const find = () => (one && other ? differences(trusted(one.payload), trusted(other.payload), alike, but) : []);
    const fields = again(known.get(key), one, other) ?? find();
    const rest = { about: aboutOf(event), failed: failedIn(one, other), ...timesOf(one, other), isMoved, fields };
    return { key, kind: event.kind, name, a: one, b: other, ...rest };
  });
}

/** What was found out of two payloads, if they are as they were, within the texts of now: the old ones need not be kept. */
function again(row: Row | undefined, a: Side | null, b: Side | null): Difference[] | null {
  if (!row || row.a?.payload !== a?.payload || row.b?.payload !== b?.payload) return null;
  const within = (value: Piece | undefined, side: Side | null) => value && side && { ...value, text: side.payload };
  return row.fields.map(({ path, ...old }) => ({ path, a: within(old.a, a) ?? undefined, b: within(old.b, b) ?? undefined }));
}

function step({ event }: Told): Step {
  const about = aboutOf(event)?.replaceAll(event.run_id, "") ?? "";
  return { key: JSON.stringify([event.kind, operationOf(event)?.name ?? ""]), about, turn: event.turn };
}

function failedIn(a: Side | null, b: Side | null): "A" | "B" | null {
  if (!a || !b || isFailure(a.event) === isFailure(b.event)) return null;
  return isFailure(a.event) ? "A" : "B";
}

function startOf(events: readonly Told[]): number {
  return events.reduce((least, { event }) => Math.min(least, exact(event.created_at)), Infinity);
}

function timesOf(a: Side | null, b: Side | null): Pick<Row, "ratio" | "isSlower" | "isFaster"> {
  if (a?.duration == null || b?.duration == null) return { ratio: null, isSlower: false, isFaster: false };
  const noticed = Math.abs(a.duration - b.duration) >= NOTICED;
  return {
    ratio: a.duration > 0 ? b.duration / a.duration : null,
    isSlower: noticed && b.duration > MUCH * a.duration,
    isFaster: noticed && a.duration > MUCH * b.duration,
  };
}

export function isOne(row: Row): boolean {
  return row.a === null || row.b === null;
}

export function isTime(row: Row): boolean {
  return row.isSlower || row.isFaster;
}

/** Which rows are shown. */
export const shown: Record<Show, (row: Row) => boolean> = {
  all: () => true,
  differences: (row) => isOne(row) || isTime(row) || row.isMoved || row.failed !== null || row.fields.length > 0,
  one: isOne,
  time: isTime,
  fields: (row) => row.fields.length > 0,
  order: (row) => row.isMoved,
};

/** What the events of a run come to. */
export interface Sum {
  operations: number;
  failures: number;
  rows: number;
  /** What all operations took together, in milliseconds. */
  took: number;
}

export function sumOf(events: readonly Event[]): Sum {
  const { operations } = operationsOf(events);
  return {
    operations: operations.length,
    failures: events.filter(isFailure).length,
    rows: operations.reduce((sum, operation) => sum + (operation.rows ?? 0), 0),
    took: operations.reduce((sum, operation) => sum + (operation.duration ?? 0), 0),
  };
}
