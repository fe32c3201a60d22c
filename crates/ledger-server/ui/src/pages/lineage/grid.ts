// Where everything stands: as the server lays out a graph (ledger-core/src/views/lineage/layout.rs), for a graph that the
// server has not seen, because it was put together here.

export interface Place {
  column: number;
  row: number;
}

export interface Grid {
  places: readonly Place[];
  columns: number;
  rows: number;
}

interface Ends {
  readonly from: number;
  readonly to: number;
}

/** How often the columns are put in order, there and back. More changes little. */
const SWEEPS = 4;

/** Lays out a graph from left to right. The same graph is laid out the same. */
export function gridOf(nodes: number, links: readonly Ends[]): Grid {
  const order = inOrder(nodes, links);
  const turn = turns(order);
  // What leads back in this order closes a cycle: it is drawn, and places nothing.
  const ahead = links.filter(({ from, to }) => turn[from]! < turn[to]!);
  const [after, before] = neighbours(nodes, ahead);
  const places = columnsOf(order, after, before).map((column) => ({ column, row: 0 }));
  const columns: number[][] = [];
  for (const node of order) (columns[places[node]!.column] ??= []).push(node);
  // A column may be empty: what stood there was drawn nearer to what it leads to.
  for (let at = 0; at < columns.length; at += 1) columns[at] ??= [];
  const rows = Math.max(0, ...columns.map((column) => column.length));
  for (const column of columns) stack(column, rows, places);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const column of columns) settle(column, rows, before, places);
    for (const column of [...columns].reverse()) settle(column, rows, after, places);
  }
  return { places, columns: columns.length, rows };
}

/** For each node, which lead on from it, and which lead to it. */
export function neighbours(nodes: number, links: readonly Ends[]): [number[][], number[][]] {
  const [after, before]: [number[][], number[][]] = [[], []];
  for (let at = 0; at < nodes; at += 1) [after[at], before[at]] = [[], []];
  for (const { from, to } of links) {
    after[from]!.push(to);
    before[to]!.push(from);
  }
  return [after, before];
}

export function turns(order: readonly number[]): number[] {
  const turn: number[] = new Array(order.length);
  order.forEach((node, at) => (turn[node] = at));
  return turn;
}

/**
 * The nodes such that each stands before what follows it, but for what closes a cycle. The walk begins where nothing leads to,
 * so that a cycle is drawn from where the graph enters it.
 */
export function inOrder(nodes: number, links: readonly Ends[]): number[] {
  const [after, before] = neighbours(nodes, links);
  const all = Array.from({ length: nodes }, (_, at) => nodes - 1 - at);
  const seen = new Uint8Array(nodes);
  // How many of those that follow each are still to be looked at, from the last to the first.
  const left = after.map((next) => next.length);
  const order: number[] = [];
  const stack: number[] = [];
  for (const start of [...all.filter((node) => before[node]!.length === 0), ...all]) {
    if (seen[start]) continue;
    seen[start] = 1;
    stack.push(start);
    while (stack.length > 0) {
      const node = stack[stack.length - 1]!;
      if (left[node] === 0) {
        order.push(node);
        stack.pop();
        continue;
      }
      left[node]! -= 1;
      const next = after[node]![left[node]!]!;
      if (seen[next]) continue;
      seen[next] = 1;
      stack.push(next);
    }
  }
  return order.reverse();
}

/**
 * The column of each node: the length of the longest way to it. What nothing leads to stands next to the first that it leads
 * to, or all inputs of a long chain would crowd its beginning.
 */
function columnsOf(order: readonly number[], after: readonly number[][], before: readonly number[][]): number[] {
  const columns: number[] = new Array(order.length).fill(0);
  for (const node of order) {
    for (const from of before[node]!) columns[node] = Math.max(columns[node]!, columns[from]! + 1);
  }
  for (const node of order) {
    if (before[node]!.length > 0 || after[node]!.length === 0) continue;
    columns[node] = after[node]!.reduce((least, to) => Math.min(least, columns[to]! - 1), Infinity);
  }
  return columns;
}

/** Orders a column by the mean row of each node's neighbours on one side; what has none there stays where it is. */
function settle(column: number[], rows: number, near: readonly number[][], places: Place[]): void {
  const keyed = column.map((node): [number, number] => {
    const next = near[node]!;
    const sum = next.reduce((sum, other) => sum + places[other]!.row, 0);
    return [next.length === 0 ? places[node]!.row : sum / next.length, node];
  });
  keyed.sort((one, other) => one[0] - other[0]);
  keyed.forEach(([, node], at) => (column[at] = node));
  stack(column, rows, places);
}

/** Puts the nodes of a column below each other, half way down. Whole rows keep the room between rows free in all columns. */
function stack(column: readonly number[], rows: number, places: Place[]): void {
  const top = Math.floor((rows - column.length) / 2);
  column.forEach((node, at) => (places[node]!.row = top + at));
}
