// Time with the idle parts cut out, and where on the screen it stands.
import type { Span } from "./time.ts";

/** What is cut: what is idle for longer than `least` milliseconds, and than a share of all that is left. */
export interface Rule {
  least: number;
  share: number;
}

/** A part of the screen: time that is shown, or, where it is cut, time that is not. */
export interface Part extends Span {
  x: number;
  width: number;
  cut: boolean;
}

export interface Scale {
  width: number;
  /** From left to right, without holes. */
  parts: Part[];
}

const MOST_CUTS = 60;
const CUT_WIDTH = 22;
const LEAST_WIDTH = 10;
/** The most that cuts, and what is shown at least of each piece, take of the screen. */
const MOST_TAKEN = 0.3;

/** The pieces of time that are left when idle time is cut. */
export function fold(spans: readonly Span[], rule: Rule): Span[] {
  const busy = merged(spans);
  const cuts = cutsOf(busy, rule);
  const pieces: Span[] = [];
  busy.forEach((span, at) => {
    const last = pieces[pieces.length - 1];
    if (last && !cuts.has(at)) last.to = span.to;
    else pieces.push({ ...span });
  });
  return pieces;
}

/** Joins the spans that overlap or touch. */
function merged(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = joined[joined.length - 1];
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else joined.push({ ...span });
  }
  return joined;
}

/** Before which spans time is cut: the longest gaps first, as long as what they take is worth it. */
function cutsOf(busy: readonly Span[], rule: Rule): Set<number> {
  const gaps = busy.slice(1).map((span, at) => ({ before: at + 1, length: span.from - busy[at]!.to }));
  gaps.sort((a, b) => b.length - a.length);
  let rest = busy.length > 0 ? busy[busy.length - 1]!.to - busy[0]!.from : 0;
  const cuts = new Set<number>();
  for (const gap of gaps.slice(0, MOST_CUTS)) {
    if (gap.length <= Math.max(rule.least, rule.share * rest)) break;
    cuts.add(gap.before);
    rest -= gap.length;
  }
  return cuts;
}

/** Lays the pieces out on a screen of some width; with a view, only what it shows of them. */
export function scaleOf(pieces: readonly Span[], width: number, view: Span | null): Scale {
  const seen = view ? clipped(pieces, view) : pieces;
  const cut = Math.min(CUT_WIDTH, (MOST_TAKEN * width) / Math.max(1, seen.length - 1));
  const least = Math.min(LEAST_WIDTH, (MOST_TAKEN * width) / Math.max(1, seen.length));
  const free = width - cut * (seen.length - 1) - least * seen.length;
  const length = seen.reduce((sum, span) => sum + span.to - span.from, 0);
  const parts: Part[] = [];
  let x = 0;
  seen.forEach((span, at) => {
    if (at > 0) {
      parts.push({ from: seen[at - 1]!.to, to: span.from, x, width: cut, cut: true });
      x += cut;
    }
    const wide = least + (length > 0 ? (free * (span.to - span.from)) / length : free / seen.length);
    parts.push({ ...span, x, width: wide, cut: false });
    x += wide;
  });
  return { width, parts };
}

function clipped(pieces: readonly Span[], view: Span): readonly Span[] {
  const seen = pieces
    .filter((span) => span.to >= view.from && span.from <= view.to)
    .map((span) => ({ from: Math.max(span.from, view.from), to: Math.min(span.to, view.to) }));
  return seen.length > 0 ? seen : [view];
}

/** Where a time stands; what is outside stands at the edge. */
export function xOf(scale: Scale, time: number): number {
  for (const part of scale.parts) {
    if (time > part.to) continue;
    if (part.to === part.from) return part.x + part.width / 2;
    return part.x + (part.width * Math.max(0, time - part.from)) / (part.to - part.from);
  }
  return scale.width;
}

/** The time that stands at a place; where time is cut, the nearer end of that. */
export function timeOf(scale: Scale, x: number): number {
  const part = scale.parts.find((part) => x <= part.x + part.width) ?? scale.parts[scale.parts.length - 1]!;
  const share = part.width > 0 ? Math.min(1, Math.max(0, (x - part.x) / part.width)) : 0;
  if (part.cut) return share < 0.5 ? part.from : part.to;
  return part.from + share * (part.to - part.from);
}

/** Says whether any of a span is shown. */
export function shows(scale: Scale, span: Span): boolean {
  const [first, last] = [scale.parts[0], scale.parts[scale.parts.length - 1]];
  return first !== undefined && span.to >= first.from && span.from <= last!.to;
}

/** Says in words of style at which ends a span goes on outside of what is shown. */
export function beyond(scale: Scale, span: Span): string {
  const [first, last] = [scale.parts[0], scale.parts[scale.parts.length - 1]];
  return `${first && span.from < first.from ? "begins-before" : ""} ${last && span.to > last.to ? "ends-after" : ""}`.trim();
}

/** Where time is cut, as it stands on the screen. */
export function cutsIn(scale: Scale): Part[] {
  return scale.parts.filter((part) => part.cut);
}
