// From what the server answers to what is drawn.
import { type Edge, type Graph, type Layout, placesOf, union, whereabouts } from "./graph.ts";
import { gridOf } from "./grid.ts";
import { grouped } from "./groups.ts";
import { type Scene, sceneOf } from "./scene.ts";
import type { View } from "./view.ts";

/** What is shown of some answers, of which the first is that of the root, and of a way. */
export function pictureOf(
  layouts: readonly Layout[],
  way: readonly Edge[],
  view: Pick<View, "of" | "grouping" | "ungrouped">,
): Scene {
  const all = union(layouts, way);
  const graph = view.grouping ? grouped(all, view.grouping, view.ungrouped) : all;
  const grid = isAnswer(graph, layouts[0]!) ? placesOf(layouts[0]!) : gridOf(graph.nodes.length, graph.links);
  return sceneOf(graph, grid, whereabouts(graph), view.of);
}

/** Says whether a graph is just what the server laid out. */
function isAnswer(graph: Graph, { nodes, links, ends }: Layout): boolean {
  const ofEnds = ends.reduce((sum, { read, made }) => sum + read.length + made.length, 0);
  return graph.nodes.length === nodes.length + ends.length && graph.links.length === links.length + ofEnds;
}

/** Where a way is in the picture: its nodes and its links. What is inside of a group has no link. */
export function wayIn(scene: Scene, edges: readonly { from: string; to: string }[]): { way: Set<number>; wayLinks: Set<number> } {
  const size = scene.graph.nodes.length;
  const links = new Map(scene.graph.links.map(({ from, to }, at) => [from * size + to, at]));
  const [way, wayLinks] = [new Set<number>(), new Set<number>()];
  for (const edge of edges) {
    const [from, to] = [scene.places.get(edge.from), scene.places.get(edge.to)];
    for (const end of [from, to]) if (end !== undefined) way.add(end);
    const link = from === undefined || to === undefined ? undefined : links.get(from * size + to);
    if (link !== undefined) wayLinks.add(link);
  }
  return { way, wayLinks };
}
