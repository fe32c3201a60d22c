// The picture as geometry: sizes, places and ways, what is under the pointer, and what lies next to what.
import { count } from "../../lib/format.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { type Grid, neighbours } from "./grid.ts";

/** As the server draws it (ledger-core/src/views/lineage/svg.rs), so that both look the same. */
export const COLUMN = 264;
export const ROW = 48;
export const WIDTH = 204;
export const HEIGHT = 30;
const GAP = COLUMN - WIDTH;
export const BEND = GAP / 2;
/** Around the picture: more than what turns left of the first column, or right of the last. */
const MARGIN = 40;
/** How far the stub of what is hidden goes beyond its box. */
const OVER = 10;
/** The most letters of a name that a box shows. */
export const SHOWN = 25;
export const STUB = { width: 58, height: 16 };

export interface Point {
  x: number;
  y: number;
}

export interface Box extends Point {
  width: number;
  height: number;
}

export interface Scene {
  graph: Graph;
  grid: Grid;
  /** The left of each box, and the middle of its height. */
  left: Float64Array;
  middle: Float64Array;
  places: ReadonlyMap<string, number>;
  after: readonly number[][];
  before: readonly number[][];
  /** Which links begin or end at a node. */
  links: readonly number[][];
  /** What stands in each place of the grid. */
  cells: ReadonlyMap<number, number>;
  /** Where the walk began, or the group that it is in. */
  root: number;
}

export function sceneOf(graph: Graph, grid: Grid, places: ReadonlyMap<string, number>, root: string): Scene {
  const left = Float64Array.from(grid.places, (place) => place.column * COLUMN);
  const middle = Float64Array.from(grid.places, (place) => place.row * ROW);
  const [after, before] = neighbours(graph.nodes.length, graph.links);
  const links: number[][] = graph.nodes.map(() => []);
  graph.links.forEach(({ from, to }, at) => {
    links[from]!.push(at);
    if (to !== from) links[to]!.push(at);
  });
  const cells = new Map(grid.places.map(({ column, row }, at) => [column * grid.rows + row, at]));
  return { graph, grid, left, middle, places, after, before, links, cells, root: places.get(root) ?? 0 };
}

/** The room that the picture takes. */
export function bounds(scene: Scene): Box {
  const { columns, rows } = scene.grid;
  const side = MARGIN;
  return { x: -side, y: -ROW, width: (columns - 1) * COLUMN + WIDTH + 2 * side, height: (rows + 1) * ROW };
}

/** The room that some nodes take. */
export function around(scene: Scene, nodes: Iterable<number>): Box {
  const all = [...nodes];
  const [lefts, middles] = [all.map((at) => scene.left[at]!), all.map((at) => scene.middle[at]!)];
  const [x, y] = [Math.min(...lefts) - MARGIN, Math.min(...middles) - ROW];
  return { x, y, width: Math.max(...lefts) + WIDTH + MARGIN - x, height: Math.max(...middles) + ROW - y };
}

/** What is under a point: a node, or the stub of what is hidden next to it. */
export function at(scene: Scene, { x, y }: Point): { node: number; stub: boolean } | null {
  const row = Math.round(y / ROW);
  if (row < 0 || row >= scene.grid.rows) return null;
  const column = Math.floor(x / COLUMN);
  // A stub goes beyond its box.
  for (const near of [column, column + 1]) {
    const node = near < 0 ? undefined : scene.cells.get(near * scene.grid.rows + row);
    if (node === undefined) continue;
    const [left, middle] = [scene.left[node]!, scene.middle[node]!];
    const stub = stubOf(scene, node);
    if (stub && inside(stub, x, y)) return { node, stub: true };
    if (inside({ x: left, y: middle - HEIGHT / 2, width: WIDTH, height: HEIGHT }, x, y)) return { node, stub: false };
  }
  return null;
}

function inside(box: Box, x: number, y: number): boolean {
  return x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
}

/** Where a node says how much is hidden: below it, on the side away from where the walk began. */
export function stubOf(scene: Scene, node: number): Box | null {
  if (scene.graph.nodes[node]!.hidden === 0) return null;
  const before = scene.grid.places[node]!.column < scene.grid.places[scene.root]!.column;
  const x = scene.left[node]! + (before ? -OVER : WIDTH - STUB.width + OVER);
  return { x, y: scene.middle[node]! + HEIGHT / 2 - 7, ...STUB };
}

/** The way of a link from the right of one box to the left of another. */
export function trace(path: CanvasPath, scene: Scene, from: number, to: number): void {
  const [x1, y1] = [scene.left[from]! + WIDTH, scene.middle[from]!];
  const [x2, y2] = [scene.left[to]!, scene.middle[to]!];
  path.moveTo(x1, y1);
  if (scene.grid.places[to]!.column === scene.grid.places[from]!.column + 1) {
    path.bezierCurveTo(x1 + BEND, y1, x2 - BEND, y2, x2, y2);
    return;
  }
  // What passes a column, or leads back, runs between two rows, or it would be lost behind the boxes. The lanes there keep
  // apart what comes from different boxes.
  const lane = laneOf(scene, from, to);
  const ahead = x1 < x2;
  path.bezierCurveTo(x1 + BEND, y1, x1 + BEND, lane, ahead ? x1 + GAP : x1, lane);
  path.lineTo(ahead ? x2 - GAP : x2, lane);
  path.bezierCurveTo(x2 - BEND, lane, x2 - BEND, y2, x2, y2);
}

function laneOf(scene: Scene, from: number, to: number): number {
  const [y1, y2] = [scene.middle[from]!, scene.middle[to]!];
  return (y2 < y1 ? y1 - ROW / 2 : y1 + ROW / 2) + (from % 5) * 3 - 6;
}

/** Says whether any of a link may be in a part of the picture. */
export function crosses(scene: Scene, from: number, to: number, part: Box): boolean {
  const [x1, x2] = [scene.left[from]! + WIDTH, scene.left[to]!];
  const [y1, y2] = [scene.middle[from]!, scene.middle[to]!];
  if (Math.max(x1, x2) + GAP < part.x || Math.min(x1, x2) - GAP > part.x + part.width) return false;
  return Math.max(y1, y2) + ROW >= part.y && Math.min(y1, y2) - ROW <= part.y + part.height;
}

/** The neighbour that a key of the keyboard leads to. */
export function step(scene: Scene, node: number, key: string): number | null {
  const { column, row } = scene.grid.places[node]!;
  if (key === "ArrowUp" || key === "ArrowDown") {
    const by = key === "ArrowUp" ? -1 : 1;
    for (let next = row + by; next >= 0 && next < scene.grid.rows; next += by) {
      const found = scene.cells.get(column * scene.grid.rows + next);
      if (found !== undefined) return found;
    }
    return null;
  }
  const near = (key === "ArrowLeft" ? scene.before : scene.after)[node]!.filter((other) => other !== node);
  const far = (other: number) => Math.abs(scene.grid.places[other]!.row - row);
  return near.reduce<number | null>((best, other) => (best === null || far(other) < far(best) ? other : best), null);
}

/** Cuts a name that does not fit into a box in its middle: the end of a path says more than what lies before it. */
export function short(name: string, most: number = SHOWN): string {
  const letters = [...name];
  const width = (letter: string) => (letter < "\u1100" ? 1 : 2);
  if (letters.reduce((sum, letter) => sum + width(letter), 0) <= most) return name;
  const half = Math.floor(most / 2);
  const fitting = (some: readonly string[]) => {
    let sum = 0;
    const end = some.findIndex((letter) => (sum += width(letter)) > half);
    return end < 0 ? some.length : end;
  };
  const [head, tail] = [fitting(letters), fitting([...letters].reverse())];
  return `${letters.slice(0, head).join("")}…${letters.slice(letters.length - tail).join("")}`;
}

/** What the box of a node says, in so many letters. */
export function labelOf(node: GraphNode, most: number = SHOWN): string {
  const of = node.kind === "group" ? node.members.length : node.times;
  if (of < 2) return short(node.label, most);
  const size = ` (${count(of)})`;
  return short(node.label, Math.max(4, most - size.length)) + size;
}
