// What the address says of the view: all that is shown but for where the viewer has moved to in the picture.

export type Direction = "backward" | "forward" | "both";
export type Level = "artifacts" | "columns";
/** What artifacts are put together by: their names up to the first or last `/`, or the artifact that a column belongs to. */
export type Grouping = "first" | "last" | "table";
export type Show = "graph" | "table" | "impact";

export interface View {
  of: string;
  direction: Direction;
  level: Level;
  depth: number;
  /** The artifacts whose neighbours are shown, too. */
  expanded: string[];
  grouping: Grouping | null;
  /** The groups that are not put together. */
  ungrouped: string[];
  selected: string | null;
  from: string | null;
  to: string | null;
  /** Nothing when the address leaves it to the width of the screen. */
  show: Show | null;
}

/** The deepest that the server lays out: everything, as far as people look. */
export const ALL = 1_000;
/** How many operations the server lays out at most. */
export const MOST = 10_000;

function one<T extends string>(text: string | null, words: readonly T[]): T | null {
  return words.find((word) => word === text) ?? null;
}

function depthOf(text: string | null): number {
  if (text === "all") return ALL;
  const depth = text !== null && /^\d{1,4}$/.test(text) ? Number(text) : 1;
  return Math.min(depth, ALL);
}

/**
 * Reads the address. What it does not say, or says wrongly, is as at the beginning. An impact is everything in one direction,
 * and nothing else.
 */
export function viewOf(params: URLSearchParams): View {
  const show = one(params.get("show"), ["graph", "table", "impact"]);
  const level = one(params.get("level"), ["columns"]) ?? "artifacts";
  const impact = show === "impact";
  const grouping = one(params.get("group"), ["first", "last", "table"]);
  return {
    of: params.get("of") ?? "",
    direction: impact ? "forward" : (one(params.get("direction"), ["backward", "forward"]) ?? "both"),
    level,
    depth: impact ? ALL : depthOf(params.get("depth")),
    expanded: impact ? [] : params.getAll("expand"),
    grouping: impact || (grouping === "table" && level === "artifacts") ? null : grouping,
    ungrouped: params.getAll("ungroup"),
    selected: params.get("sel"),
    from: impact ? null : params.get("from"),
    to: impact ? null : params.get("to"),
    show,
  };
}

/** What the address says for a depth. */
export function depthText(depth: number): string | null {
  return depth === 1 ? null : depth >= ALL ? "all" : String(depth);
}
