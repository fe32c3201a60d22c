// The filters of events, by the names that the API has for them, and how people write them.
import { day } from "./format.ts";

/** In the order in which they are offered. */
export const filterNames = ["kind", "run", "actor", "session", "tag", "any_tag", "since", "until"] as const;
export type FilterName = (typeof filterNames)[number];

export const labels: Record<FilterName, { title: string; hint: string; time?: boolean }> = {
  kind: { title: "kind", hint: "A kind, or how it begins: order.placed, order.*" },
  run: { title: "run", hint: "The name of a run" },
  actor: { title: "actor", hint: "Who did it" },
  session: { title: "session", hint: "The name of a session" },
  tag: { title: "tag", hint: "A tag that all have: customer:42" },
  any_tag: { title: "any tag of", hint: "A tag; one of several is enough" },
  since: { title: "since", hint: "A date and time, or how long ago: 15m, 2h, 7d", time: true },
  until: { title: "before", hint: "A date and time, or how long ago: 15m, 2h, 7d", time: true },
};

/** Says whether a filter may have several values. */
export function isMany(name: FilterName): boolean {
  return name === "kind" || name === "tag" || name === "any_tag";
}

const words: Record<string, FilterName> = { any: "any_tag", before: "until" };

/**
 * Reads what a person writes into the field of a filter; answers what is wrong as text. A kind has no colon: with one, it is
 * `actor:ann` for another filter, or else a tag.
 */
export function readFilter(
  name: FilterName,
  text: string,
  names: readonly FilterName[] = filterNames,
  now: number = Date.now(),
): { name: FilterName; value: string } | string {
  let value = text.trim();
  if (name === "kind" && value.includes(":")) {
    const [, word = "", rest = ""] = /^(\w+):(.*)$/s.exec(value) ?? [];
    const other = words[word] ?? (word as FilterName);
    if (names.includes(other) && rest) [name, value] = [other, rest.trim()];
    else if (names.includes("tag")) name = "tag";
  }
  if (name === "kind") value = kindOf(value);
  if (name === "kind" && !/^[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*\.([a-z0-9][a-z0-9_-]*|\*)$/.test(value)) {
    return "a kind is words with dots between them, such as order.placed or order.*";
  }
  if ((name === "tag" || name === "any_tag") && !/^[a-z0-9_.-]+:./s.test(value)) return "a tag is written as key:value";
  if (!labels[name].time) return { name, value };
  const time = timeOf(value, now);
  return time === null ? "write a date and time, or how long ago, such as 2h" : { name, value: time };
}

/** A word alone, and words with a dot behind them, mean all kinds that begin so. */
function kindOf(text: string): string {
  const kind = text.toLowerCase();
  if (kind.endsWith(".") || !kind.includes(".")) return `${kind.replace(/[.*]$/, "")}.*`;
  return kind;
}

const sizes: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Reads how long something is, such as `2h`, in milliseconds. */
export function spanOf(text: string): number | null {
  const told = /^(\d{1,9})\s*([smhdw])$/.exec(text);
  return told && Number(told[1]) * sizes[told[2]!]!;
}

/** Says what is wrong with an age as retention takes it, if anything is. */
export function wrongAge(text: string): string | null {
  if (/^(never|[1-9]\d{0,8}[smhdw])$/.test(text)) return null;
  return `${text ? `“${text}” is no age` : "an age is missing"}: write one such as 12h, 3d or 4w, or never`;
}

/** Turns a time that a person writes, by their own clock, or how long ago it was, into one as the API takes it. */
export function timeOf(text: string, now: number): string | null {
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(text)) return text;
  const back = spanOf(text.replace(/ ago$/, ""));
  const time = back === null ? clockTime(text, now) : now - back;
  const fits = time >= Date.parse("0001-01-01T00:00:00Z") && time < Date.parse("9999-12-31T00:00:00Z");
  return fits ? new Date(time).toISOString() : null;
}

/** Reads a clock of today, a date, or both; browsers by themselves take nearly everything for a date. */
function clockTime(text: string, now: number): number {
  if (/^\d\d:\d\d(:\d\d)?$/.test(text)) return Date.parse(`${day(now)}T${text}`);
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return Date.parse(`${text}T00:00`);
  return /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text) ? Date.parse(text.replace(" ", "T")) : NaN;
}
