// The operations of a run, read from the events of their starts and ends.
import type { Schemas } from "../../lib/api.ts";
import { type OperationOutcome, endedBadly, soundsBad } from "./outcome.ts";
import { type Span, exact } from "./time.ts";

export type Event = Schemas["Event"];

export interface Operation extends Span {
  id: string;
  name: string;
  outcome: OperationOutcome;
  /** How long it took, in milliseconds; nothing while it has not ended. */
  duration: number | null;
  rows: number | null;
  error: string | null;
  reads: string[];
  writes: string[];
  /** The event of its end, or of its start when it has not ended. */
  event: Event;
}

/** The operations among some events in the order in which they began, and the events that tell of none. */
export function operationsOf(events: readonly Event[]): { operations: Operation[]; others: Event[] } {
  const found = new Map<string, Operation>();
  const others: Event[] = [];
  for (const event of events) {
    const operation = operationOf(event);
    if (!operation) others.push(event);
    else if (operation.outcome !== "open" || !found.has(operation.id)) found.set(operation.id, operation);
  }
  const operations = [...found.values()].sort((a, b) => a.from - b.from);
  const last = Math.max(...events.map((event) => exact(event.created_at)), ...operations.map((one) => one.to));
  for (const operation of operations) if (operation.outcome === "open") operation.to = last;
  return { operations, others };
}

/** The operation that an event tells of; nothing when it tells of none, or not as operations do. */
export function operationOf(event: Event): Operation | null {
  if (event.kind !== "operation.started" && event.kind !== "operation.finished") return null;
  const told = fields(event.payload);
  const [id, name] = [textOf(told.id), textOf(told.operation)];
  const from = exact(textOf(told.started_at) ?? "");
  if (id === null || name === null || Number.isNaN(from)) return null;
  const ended = event.kind === "operation.finished" ? exact(textOf(told.finished_at) ?? event.created_at) : NaN;
  const to = Number.isNaN(ended) ? from : Math.max(from, ended);
  return {
    id,
    name,
    from,
    to,
    outcome: event.kind === "operation.finished" ? outcomeOf(told.status) : "open",
    duration: event.kind === "operation.finished" ? durationOf(told, to - from) : null,
    rows: numberOf(told.rows_affected),
    error: textOf(told.error) ?? textOf(told.error_code),
    reads: Object.values(fields(told.inputs)).flatMap((input) => textOf(fields(input).artifact) ?? []),
    writes: Array.isArray(told.outputs) ? told.outputs.filter((output) => typeof output === "string") : [],
    event,
  };
}

function outcomeOf(status: unknown): OperationOutcome {
  return status === "error" || status === "timeout" ? status : "success";
}

function durationOf(told: Fields, otherwise: number): number {
  const micros = numberOf(told.duration_us);
  return micros === null ? otherwise : micros / 1_000;
}

/** What is set or measured is no failure, whatever it is of: `timeout.changed`, `error_rate.measured`. */
const ABOUT_VALUES = /[._-](changed|configured|measured|set|updated)$/;

/** Says whether an event tells that something went wrong; of its kind, any part between the dots may. */
export function isFailure(event: Event): boolean {
  const operation = operationOf(event);
  if (operation) return endedBadly(operation.outcome);
  return !ABOUT_VALUES.test(event.kind) && event.kind.split(".").some(soundsBad);
}

/** What an event is about: the table of an operation, or what it writes; of others the table that they name. */
export function aboutOf(event: Event): string | null {
  const { bucket, table } = fields(event.payload);
  if (typeof table === "string") return typeof bucket === "string" ? `${bucket}/${table}` : table;
  return operationOf(event)?.writes.join(", ") || null;
}

/** What an artifact was to the operations of a run. */
export interface Use {
  artifact: string;
  /** How many operations read it, … */
  read: number;
  /** … how many wrote it, … */
  written: number;
  /** … how many of those did not end well, … */
  failed: number;
  /** … and how many have not ended. */
  open: number;
}

/** `t2` before `t10`. */
const byName = new Intl.Collator("en", { numeric: true });

/** What operations read and wrote, by name. */
export function usesOf(operations: readonly Operation[]): Use[] {
  const uses = new Map<string, Use>();
  const of = (artifact: string) => {
    const use = uses.get(artifact) ?? { artifact, read: 0, written: 0, failed: 0, open: 0 };
    uses.set(artifact, use);
    return use;
  };
  for (const { reads, writes, outcome } of operations) {
    for (const artifact of new Set(reads)) of(artifact).read++;
    for (const artifact of new Set(writes)) {
      const use = of(artifact);
      use.written++;
      if (outcome === "open") use.open++;
      else if (endedBadly(outcome)) use.failed++;
    }
  }
  return [...uses.values()].sort((a, b) => byName.compare(a.artifact, b.artifact));
}

type Fields = Record<string, unknown>;

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
