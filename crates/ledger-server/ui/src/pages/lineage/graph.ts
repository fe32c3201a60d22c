// The graph that is shown: what several answers of the server say together.
import type { Schemas } from "../../lib/api.ts";
import { type Grid, gridOf } from "./grid.ts";

export type Layout = Schemas["Layout"];
export type Class = "input" | "intermediate" | "target";

export interface GraphNode {
  /** What tells it from others: the name of an artifact, or one that no artifact has. */
  key: string;
  kind: "artifact" | "group" | "operation";
  label: string;
  /** The artifact that a column belongs to. */
  table: string | null;
  class: Class;
  live: boolean;
  /** How many operations away it is from where the walk began, as far as that is known. */
  distance: number | null;
  /** Whether it was only read beside: an operation on the way read it, and no walk came by it. */
  beside: boolean;
  /** How many artifacts next to it are not shown, as far as that is known. */
  hidden: number;
  /** The artifacts of a group. */
  members: readonly string[];
  /** Of operations, the event of the newest, and how many there are. */
  offset: number | null;
  times: number;
}

export interface Via {
  offset: number;
  name: string;
}

export interface GraphLink {
  from: number;
  to: number;
  /** Those that did it, the oldest first. */
  operations: readonly Via[];
}

export interface Graph {
  nodes: readonly GraphNode[];
  links: readonly GraphLink[];
  /** Whether there were more operations than the server takes. */
  cut: boolean;
}

/** What tells operations at which a graph ends from others, in whatever answer. No artifact has such a name in earnest. */
function operationKey({ nodes }: Layout, { name, read, made }: Layout["ends"][number]): string {
  const names = (places: readonly number[]) => places.map((at) => nodes[at]!.artifact).sort();
  return `operation ${JSON.stringify([name, names(read), names(made)])}`;
}

/** Where the server put what it answered: the artifacts, and after them the operations at which the graph ends. */
export function placesOf(layout: Layout): Grid {
  const places = [...layout.nodes, ...layout.ends].map(({ column, row }) => ({ column, row }));
  return { places, columns: layout.columns, rows: layout.rows };
}

/** What one operation made of what. */
export interface Edge extends Via {
  from: string;
  to: string;
}

/** Puts answers together, and edges between what is in them. The nodes of the first come first, in their order. */
export function union(layouts: readonly Layout[], edges: readonly Edge[] = []): Graph {
  const nodes = new Map<string, GraphNode>();
  layouts.forEach((layout, at) => {
    for (const node of layout.nodes) take(nodes, node, at === 0);
  });
  takeEnds(nodes, layouts);
  const places = new Map([...nodes.keys()].map((key, at) => [key, at]));
  const links = linksOf(layouts, edges, places);
  const all = [...nodes.values()];
  classify(all, links);
  if (layouts.length > 1) countHidden(all, links, places, layouts);
  return { nodes: all, links, cut: layouts.some((layout) => layout.cut) };
}

/** Notes what an answer says of an artifact. Other answers than the first count how far it is from elsewhere. */
function take(nodes: Map<string, GraphNode>, node: Layout["nodes"][number], first: boolean): void {
  const known = nodes.get(node.artifact);
  if (known) {
    known.beside &&= node.distance == null;
    // A target is only what nothing of an answer reads.
    if (known.class === "target" || node.class === "intermediate") known.class = node.class;
    return;
  }
  nodes.set(node.artifact, {
    key: node.artifact,
    kind: "artifact",
    label: node.artifact,
    table: node.table ?? null,
    class: node.class,
    live: node.live,
    distance: (first ? node.distance : null) ?? null,
    beside: node.distance == null,
    hidden: node.hidden,
    members: [],
    offset: null,
    times: 1,
  });
}

/** Notes the operations at which answers end. Two answers tell of the same ones. */
function takeEnds(nodes: Map<string, GraphNode>, layouts: readonly Layout[]): void {
  const beside = { table: null, class: "target", live: true, distance: null, beside: false, hidden: 0, members: [] } as const;
  for (const layout of layouts) {
    for (const end of layout.ends) {
      const key = operationKey(layout, end);
      const known = nodes.get(key);
      const newest = { offset: Math.max(known?.offset ?? 0, end.offset), times: Math.max(known?.times ?? 0, end.times) };
      nodes.set(key, { ...beside, key, kind: "operation", label: end.name, ...newest });
    }
  }
}

/** Lays out what the server answers where it lays nothing out, because that is too large. */
export function laidOut(graph: Schemas["Graph"]): Layout {
  const said = graph.nodes as unknown as (Omit<Layout["nodes"][number], "hidden"> & { open: boolean })[];
  const places = new Map(said.map((node, at) => [node.artifact, at]));
  const gathering = new Gathering(said.length);
  for (const { from, to, offset, operation } of graph.edges) {
    gathering.add(places.get(from)!, places.get(to)!, [{ offset, name: operation }]);
  }
  const links = gathering.links().map((link) => ({ ...link, operations: [...link.operations] }));
  const grid = gridOf(said.length, links);
  const nodes = said.map((node, at) => ({ ...node, ...grid.places[at]!, hidden: node.open ? 1 : 0 }));
  const { artifact, level, direction, depth, cut } = graph;
  return { artifact, level, direction, depth, cut, columns: grid.columns, rows: grid.rows, nodes, links, ends: [] };
}

/** Gathers links: one for all operations that lead from one node to another. */
export class Gathering {
  private readonly found = new Map<number, { from: number; to: number; operations: Map<number, Via> }>();

  constructor(private readonly nodes: number) {}

  add(from: number, to: number, operations: readonly Via[]): void {
    const key = from * this.nodes + to;
    const link = this.found.get(key) ?? { from, to, operations: new Map() };
    for (const { offset, name } of operations) link.operations.set(offset, { offset, name });
    this.found.set(key, link);
  }

  links(): GraphLink[] {
    const inOrder = [...this.found].sort(([one], [other]) => one - other);
    return inOrder.map(([, { from, to, operations }]) => ({
      from,
      to,
      operations: [...operations.values()].sort((one, other) => one.offset - other.offset),
    }));
  }
}

function linksOf(layouts: readonly Layout[], edges: readonly Edge[], places: ReadonlyMap<string, number>): GraphLink[] {
  const gathering = new Gathering(places.size);
  const add = (from: string, to: string, operations: readonly Via[]) => {
    const [source, made] = [places.get(from), places.get(to)];
    if (source !== undefined && made !== undefined) gathering.add(source, made, operations);
  };
  for (const { from, to, offset, name } of edges) add(from, to, [{ offset, name }]);
  for (const layout of layouts) {
    const nameOf = (at: number) => layout.nodes[at]!.artifact;
    for (const { from, to, operations } of layout.links) add(nameOf(from), nameOf(to), operations);
    for (const end of layout.ends) {
      const key = operationKey(layout, end);
      for (const from of end.read) add(nameOf(from), key, [end]);
      for (const to of end.made) add(key, nameOf(to), [end]);
    }
  }
  return gathering.links();
}

/** What one answer shows only as read, and another as written, is both. */
function classify(nodes: readonly GraphNode[], links: readonly GraphLink[]): void {
  const written = new Set(links.map((link) => link.to));
  const read = new Set(links.map((link) => link.from));
  nodes.forEach((node, at) => {
    if (node.class === "target" && read.has(at)) node.class = "input";
    if (node.class === "input" && written.has(at)) node.class = "intermediate";
  });
}

/**
 * Says how much is hidden next to each node: of what each answer hides, what no other shows. What one looked further from
 * hides nothing.
 */
function countHidden(
  nodes: readonly GraphNode[],
  links: readonly GraphLink[],
  places: ReadonlyMap<string, number>,
  layouts: readonly Layout[],
): void {
  const near = nodes.map(() => new Set<string>());
  for (const { from, to } of links) {
    if (nodes[to]!.kind === "artifact") near[from]!.add(nodes[to]!.key);
    if (nodes[from]!.kind === "artifact") near[to]!.add(nodes[from]!.key);
  }
  const most = nodes.map(() => 0);
  for (const layout of layouts) {
    const inside = new Set(layout.nodes.map((node) => node.artifact));
    for (const { artifact, hidden } of layout.nodes) {
      if (!hidden) continue;
      const at = places.get(artifact)!;
      let shown = 0;
      for (const key of near[at]!) shown += inside.has(key) ? 0 : 1;
      most[at] = Math.max(most[at]!, hidden - shown);
    }
  }
  const expanded = new Set(layouts.filter((layout) => layout.depth > 0).map((layout) => layout.artifact));
  nodes.forEach((node, at) => (node.hidden = expanded.has(node.key) ? 0 : most[at]!));
}

/** Where each artifact is shown, be it in a group. */
export function whereabouts(graph: Graph): Map<string, number> {
  const found = new Map<string, number>();
  graph.nodes.forEach((node, at) => {
    for (const name of node.kind === "group" ? node.members : [node.key]) found.set(name, at);
  });
  return found;
}
