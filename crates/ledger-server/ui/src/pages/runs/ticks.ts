// Where an axis of time is written on, and what.
import { day, duration, local } from "../../lib/format.ts";
import type { Part, Scale } from "./fold.ts";

export interface Tick {
  x: number;
  text: string;
}

/** Writes the time at a tick; `before` is the time at the tick before it. */
export type Writer = (time: number, step: number, before: number | null) => string;

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
const STEPS: readonly number[] = [
  ...[0.001, 0.01, 0.1, 1, 10, 100].flatMap((unit) => [unit, 2 * unit, 5 * unit]),
  ...[1, 2, 5, 10, 15, 30].map((step) => step * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((step) => step * MINUTE),
  ...[1, 2, 3, 6, 12].map((step) => step * HOUR),
  ...[1, 2, 7, 14, 28, 91, 182, 364, 728].map((step) => step * DAY),
];

/** The least step whose ticks are some pixels apart. */
function stepOf(part: Part, room: number): number {
  const perPixel = (part.to - part.from) / Math.max(1, part.width);
  return STEPS.find((step) => step >= perPixel * room) ?? STEPS[STEPS.length - 1]!;
}

/** The ticks of all pieces: each begins with its first time, where there is room, and goes on in round steps from an origin. */
export function ticks(scale: Scale, write: Writer, origin: (time: number) => number, room: number): Tick[] {
  const found: Tick[] = [];
  let before: number | null = null;
  const add = (x: number, time: number, step: number) => {
    const last = found[found.length - 1];
    if ((last && x - last.x < room) || (found.length > 0 && x > scale.width - room)) return;
    found.push({ x, text: write(time, step, before) });
    before = time;
  };
  for (const part of scale.parts) {
    if (part.cut) continue;
    const step = stepOf(part, room);
    add(part.x, part.from, step);
    if (part.to === part.from) continue;
    const zero = origin(part.from);
    const first = zero + Math.ceil((part.from - zero) / step) * step;
    for (let time = first; time <= part.to; time += step) {
      add(part.x + (part.width * (time - part.from)) / (part.to - part.from), time, step);
    }
  }
  return found;
}

/** The clock of the viewer's zone; the day before it where that is not plain. */
export const clock: Writer = (time, step, before) => {
  const date = new Date(time);
  const other = day(time) !== day(before ?? Date.now());
  if (step >= DAY) return day(time);
  // Seen from the same day it is the clock alone.
  const whole = local(time, time);
  const [minutes, seconds] = [whole.slice(0, 5), step < MINUTE || date.getSeconds() > 0 ? whole.slice(5) : ""];
  const parts = step < SECOND ? `.${String(date.getMilliseconds()).padStart(3, "0")}` : "";
  return `${other ? `${day(time)} ` : ""}${minutes}${seconds}${parts}`;
};

/** Midnight of the viewer's zone, from which a clock counts. */
export function midnight(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

/** How long after a beginning, or before it. */
export function since(start: number): Writer {
  return (time, step) => `${time < start ? "−" : "+"}${length(Math.abs(time - start), step)}`;
}

/** A length for tables: to the second, or finer where it is short. */
export function plainLength(ms: number): string {
  return Math.abs(ms) < MINUTE ? duration(ms) : length(ms, SECOND);
}

function digitsOf(step: number): number {
  return step < 1 ? Math.min(6, Math.ceil(-Math.log10(step) - 1e-9)) : 0;
}

/** A length of time, so fine that those which are a step apart differ. */
export function length(ms: number, step: number): string {
  if (step <= 0 || ms < 1) return duration(Math.round(ms * 1_000) / 1_000);
  if (ms < SECOND) return `${Number(ms.toFixed(digitsOf(step)))} ms`;
  const digits = digitsOf(step / SECOND);
  const whole = Number((ms / SECOND).toFixed(digits));
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3_600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
  ];
  const seconds = (whole % 60).toFixed(digits);
  const written = parts.filter(([value]) => value > 0).map(([value, unit]) => `${value} ${unit}`);
  if (Number(seconds) > 0 || written.length === 0) written.push(`${seconds} s`);
  return written.join(" ");
}
