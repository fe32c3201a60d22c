// Which part of the time is looked at, and how that is moved.
import { type Scale, timeOf, xOf } from "./fold.ts";
import { type Span, exact } from "./time.ts";

/** Half of the least time that can be looked at, in milliseconds. */
const LEAST = 0.005;
const TINY = 0.001;

/** What a pointer holds: one edge, both, or those that it draws anew. */
export interface Grip {
  part: "from" | "to" | "both" | "new";
  at: number;
  from: number;
  to: number;
}

/** The view that an address tells, if it does. */
export function viewOf(from: string | null, to: string | null): Span | null {
  if (!from || !to) return null;
  const view = { from: exact(from), to: exact(to) };
  return view.from < view.to ? view : null;
}

/** The edges of a view on the whole. */
export function edges(whole: Scale, view: Span | null): [number, number] {
  return view ? [xOf(whole, view.from), xOf(whole, view.to)] : [0, whole.width];
}

/** The view between two places; never nothing, so that what happened at one time can be looked at. */
export function between(scale: Scale, a: number, b: number): Span {
  const [from, to] = [timeOf(scale, Math.min(a, b)), timeOf(scale, Math.max(a, b))];
  return to - from < 2 * LEAST ? { from: from - LEAST, to: to + LEAST } : { from, to };
}

/** What a pointer takes hold of. */
export function gripAt(x: number, from: number, to: number, viewed: boolean): Grip {
  const near = 9;
  if (Math.abs(x - from) <= near && (x < to || from === to)) return { part: "from", at: x, from, to };
  if (Math.abs(x - to) <= near) return { part: "to", at: x, from, to };
  return { part: viewed && x > from && x < to ? "both" : "new", at: x, from, to };
}

/** The edges after the pointer went somewhere. */
export function dragged(grip: Grip, x: number, width: number): [number, number] {
  const inside = Math.min(width, Math.max(0, x));
  switch (grip.part) {
    case "from":
      return [inside, grip.to];
    case "to":
      return [grip.from, inside];
    case "new":
      return [grip.at, inside];
    case "both": {
      const by = Math.min(width - grip.to, Math.max(-grip.from, x - grip.at));
      return [grip.from + by, grip.to + by];
    }
  }
}

/** The half in the middle of what is shown. */
export function nearer(scale: Scale): Span {
  return between(scale, scale.width / 4, (3 * scale.width) / 4);
}

/** Twice of what is shown; nothing when that is the whole. */
export function farther(whole: Scale, view: Span): Span | null {
  const [from, to] = edges(whole, view);
  const more = Math.max(TINY, to - from) / 2;
  const [left, right] = [Math.max(0, from - more), Math.min(whole.width, to + more)];
  return left <= 0 && right >= whole.width ? null : between(whole, left, right);
}

/** As much as is shown, so many of its widths to the right. */
export function beside(whole: Scale, view: Span, by: number): Span {
  const [from, to] = edges(whole, view);
  const grip: Grip = { part: "both", at: 0, from, to };
  return between(whole, ...dragged(grip, by * Math.max(TINY, to - from), whole.width));
}

const MOST = 0.8;
const FEWEST = 5;
/** How much shorter the time of most has to be, so that it is worth to leave out the rest. */
const MUCH_SHORTER = 4;

/** The shortest time that has most of some spans in it, when a few long ones would make the others too small to see. */
export function timeOfMost(spans: readonly Span[]): Span | null {
  if (spans.length < FEWEST) return null;
  const byEnd = [...spans].sort((a, b) => a.to - b.to);
  const enough = Math.ceil(MOST * spans.length);
  let best: Span | null = null;
  for (const { from } of spans) {
    const to = byEnd.filter((span) => span.from >= from)[enough - 1]?.to;
    if (to !== undefined && (!best || to - from < best.to - best.from)) best = { from, to };
  }
  const first = spans.reduce((least, span) => Math.min(least, span.from), Infinity);
  const whole = byEnd[byEnd.length - 1]!.to - first;
  if (!best || (best.to - best.from) * MUCH_SHORTER > whole) return null;
  const room = Math.max(LEAST, (best.to - best.from) / 30);
  return { from: best.from - room, to: best.to + room };
}
