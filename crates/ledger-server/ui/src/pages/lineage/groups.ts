// Artifacts put together by what their names begin with.
import { type Class, type Graph, type GraphLink, type GraphNode, Gathering } from "./graph.ts";
import type { Grouping } from "./view.ts";

/** The group that an artifact belongs to; nothing when its name has no such part. */
export function groupOf(node: GraphNode, grouping: Grouping): string | null {
  if (node.kind !== "artifact") return null;
  if (grouping === "table") return node.table;
  const name = node.table ?? node.key;
  const end = grouping === "first" ? name.indexOf("/") : name.lastIndexOf("/");
  return end < 0 ? null : name.slice(0, end + 1);
}

/** Puts all of each group into one node, but for the groups that were taken apart and those of one. */
export function grouped(graph: Graph, grouping: Grouping, apart: readonly string[]): Graph {
  const members = new Map<string, number[]>();
  graph.nodes.forEach((node, at) => {
    const group = groupOf(node, grouping);
    if (group === null || apart.includes(group)) return;
    const known = members.get(group);
    if (known) known.push(at);
    else members.set(group, [at]);
  });
  const nodes: GraphNode[] = [];
  const moved: number[] = [];
  const begun = new Map<string, number>();
  graph.nodes.forEach((node, at) => {
    const group = groupOf(node, grouping);
    const inside = group === null ? undefined : members.get(group);
    if (!inside || inside.length < 2) {
      moved[at] = nodes.push(node) - 1;
      return;
    }
    if (!begun.has(group!)) begun.set(group!, nodes.push(groupNode(group!, inside.map((one) => graph.nodes[one]!))) - 1);
    moved[at] = begun.get(group!)!;
  });
  return { nodes, links: movedLinks(graph.links, moved, nodes), cut: graph.cut };
}

function groupNode(group: string, inside: readonly GraphNode[]): GraphNode {
  const known = inside.map((node) => node.distance).filter((distance) => distance !== null);
  return {
    key: `\u0001group ${group}`,
    kind: "group",
    label: group,
    table: null,
    class: classOf(inside),
    live: inside.some((node) => node.live),
    distance: known.length > 0 ? Math.min(...known) : null,
    beside: inside.every((node) => node.beside),
    hidden: inside.reduce((sum, node) => sum + node.hidden, 0),
    members: inside.map((node) => node.key),
    offset: null,
    times: 1,
  };
}

/** A group is what all of it is, and otherwise both. */
function classOf(inside: readonly GraphNode[]): Class {
  const first = inside[0]!.class;
  return inside.every((node) => node.class === first) ? first : "intermediate";
}

/** What leads from one part of a group to another is inside it, and not shown. */
function movedLinks(links: readonly GraphLink[], moved: readonly number[], nodes: readonly GraphNode[]): GraphLink[] {
  const gathering = new Gathering(nodes.length);
  for (const { from, to, operations } of links) {
    const [start, end] = [moved[from]!, moved[to]!];
    if (start !== end || nodes[start]!.kind !== "group") gathering.add(start, end, operations);
  }
  return gathering.links();
}
