// Which operations the page is about: what its address says.
import { spanOf } from "../../lib/filter.ts";
import { count, duration, millis, two } from "../../lib/format.ts";
import { type Params, asOf, place } from "../../lib/router.ts";

export const PERIODS = ["1h", "6h", "24h", "7d", "30d"] as const;
const USUAL = "24h";
const FILTERS = ["project", "command", "table", "status", "job", "request", "min_duration_ms"] as const;
type Filter = (typeof FILTERS)[number];

export function filter(name: Filter | "from" | "to" | "code" | "op"): string {
  return place.value.params.get(name) ?? "";
}

/** The period that is asked for; nothing when it is told by its ends. */
export function period(): string | null {
  return filter("from") || filter("to") ? null : (place.value.params.get("period") ?? USUAL);
}

/** What the server is asked with. */
export function asked(): Params {
  const filters = Object.fromEntries(FILTERS.map((name) => [name, filter(name)]));
  return { ...filters, from: filter("from"), to: filter("to"), period: period() };
}

/** How many filters are set, but for when. */
export function filtered(): number {
  return [...FILTERS, "code" as const].filter((name) => filter(name) !== "").length;
}

/** What takes all filters away, but for when. */
export const NONE: Params = Object.fromEntries([...FILTERS, "code", "heat", "op"].map((name) => [name, null]));

/** About how long the period is, in milliseconds. */
export function length(): number {
  const told = spanOf(period() ?? "");
  if (told !== null) return told;
  const from = filter("from") ? millis(filter("from")) : 0;
  return Math.max(0, (filter("to") ? millis(filter("to")) : Date.now()) - from);
}

/**
 * A time as a field for times has it: in the viewer's zone and without it, and as short as can be. A browser shortens what it is
 * given, and would take what is longer for another time.
 */
export function forField(time: string): string {
  if (!time || Number.isNaN(millis(time))) return "";
  const date = new Date(time);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace(/:00$/, "");
}

/** Says whether more may still come into the period. */
export function goesOn(): boolean {
  return asOf.value === null && (!filter("to") || millis(filter("to")) > Date.now());
}

/** In how many parts the period is shown: parts of whole minutes, quarters or hours where it can be. */
export function parts(): number {
  const ofPeriod: Record<string, number> = { "1h": 60, "6h": 72, "24h": 48, "7d": 84, "30d": 60 };
  return ofPeriod[period() ?? ""] ?? 60;
}

/** The least time between two readings of numbers, which take longer the longer the period is. */
export function pace(): number {
  if (!goesOn()) return 0;
  const hours = length() / 3_600_000;
  return hours <= 1 ? 2_000 : hours <= 24 ? 5_000 : hours <= 168 ? 20_000 : 60_000;
}

/** Writes a duration beside a scale: shorter than elsewhere. */
export function writeMark(ms: number): string {
  return ms < 1_000 ? duration(ms) : `${count(ms / 1_000)} s`;
}

/** Writes a time below a chart: the longer the chart, the less of it. */
export function writeAt(at: string, span: number): string {
  const date = new Date(at);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (span < 300_000) return `${clock}:${two(date.getSeconds())}`;
  return span <= 86_400_000 ? clock : `${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}
