// What has to be made again when an artifact changes: all that was made from it, each after what it is made from.
import type { Graph, GraphNode, Via } from "./graph.ts";
import { inOrder, turns } from "./grid.ts";

export interface Remade {
  node: GraphNode;
  /** The least number of rounds after which it can be made: all of a round can be made at the same time. */
  round: number;
  /** What it is made from, as far as that has to be made again or is where the change began. */
  from: GraphNode[];
  /** The operation that made it last. */
  last: Via | null;
}

/** Lists what has to be made again, in an order in which it can be. What is made from itself counts once. */
export function impactOf(graph: Graph, root: string): Remade[] {
  const reached = graph.nodes.map((node) => node.kind === "artifact" && node.distance !== null);
  const links = graph.links.filter(({ from, to }) => reached[from] && reached[to] && graph.nodes[to]!.key !== root);
  const order = inOrder(graph.nodes.length, links);
  const turn = turns(order);
  const rounds: number[] = new Array(graph.nodes.length).fill(0);
  const from: GraphNode[][] = graph.nodes.map(() => []);
  const last: (Via | null)[] = graph.nodes.map(() => null);
  const into: number[][] = graph.nodes.map(() => []);
  links.forEach((link, at) => into[link.to]!.push(at));
  for (const node of order) {
    for (const at of into[node]!) {
      const link = links[at]!;
      if (turn[link.from]! < turn[node]!) rounds[node] = Math.max(rounds[node]!, rounds[link.from]! + 1);
      if (link.from !== node) from[node]!.push(graph.nodes[link.from]!);
      const newest = link.operations[link.operations.length - 1] ?? null;
      if (newest && newest.offset > (last[node]?.offset ?? 0)) last[node] = newest;
    }
  }
  const rows = order.filter((node) => reached[node] && graph.nodes[node]!.key !== root);
  rows.sort((one, other) => rounds[one]! - rounds[other]! || turn[one]! - turn[other]!);
  return rows.map((node) => ({ node: graph.nodes[node]!, round: rounds[node]!, from: from[node]!, last: last[node]! }));
}

/** The list as text, for who makes it again. */
export function impactText(root: string, rows: readonly Remade[]): string {
  const lines = rows.map(({ node, round, last }) => `${round}\t${node.label}\t${last?.name ?? ""}`);
  return [`# to be made again when ${root} changes: round, name, operation`, ...lines, ""].join("\n");
}
