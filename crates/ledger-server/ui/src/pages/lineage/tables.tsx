// The picture as tables, for who does not see it or would rather read.
import { count } from "../../lib/format.ts";
import { href, place } from "../../lib/router.ts";
import { type Column, LongTable } from "../../parts/table.tsx";
import type { GraphLink, GraphNode } from "./graph.ts";
import type { Scene } from "./scene.ts";

interface NodeRow {
  at: number;
  node: GraphNode;
  before: number;
  after: number;
}

interface LinkRow {
  at: number;
  from: GraphNode;
  to: GraphNode;
  link: GraphLink;
}

interface Props {
  scene: Scene;
  selected: number;
}

function rowsOf(scene: Scene): NodeRow[] {
  return scene.graph.nodes.map((node, at) => ({ at, node, before: scene.before[at]!.length, after: scene.after[at]!.length }));
}

function waysOf({ graph: { nodes, links } }: Scene): LinkRow[] {
  return links.map((link, at) => ({ at, from: nodes[link.from]!, to: nodes[link.to]!, link }));
}

export function NodeTable({ scene, selected }: Props) {
  return (
    <section class="lineage-nodes">
      <h2>Artifacts</h2>
      <LongTable
        label="Artifacts of the graph, and operations at which it ends"
        columns={nodeColumns}
        rows={rowsOf(scene)}
        keyOf={({ at }) => at}
        link={({ node }) => selecting(node)}
        class={({ at }) => (at === selected ? "lineage-chosen" : "")}
        foot={`${count(scene.graph.nodes.length)} in all`}
      />
    </section>
  );
}

export function LinkTable({ scene, selected }: Props) {
  return (
    <section class="lineage-links">
      <h2>What is made from what</h2>
      <LongTable
        label="What is made from what"
        columns={linkColumns}
        rows={waysOf(scene)}
        keyOf={({ at }) => at}
        link={({ to }) => selecting(to)}
        class={({ link }) => (link.from === selected || link.to === selected ? "lineage-chosen" : "")}
        foot={`${count(scene.graph.links.length)} in all`}
      />
    </section>
  );
}

/** So much of a picture is told to those who do not see it; of larger ones, the tables are a button away. */
const MOST_TOLD = 100;

export function Unseen({ scene }: { scene: Scene }) {
  const { nodes, links } = scene.graph;
  return (
    <div class="unseen">
      <table>
        <caption>
          The graph in words: {count(nodes.length)} nodes and {count(links.length)} links. The button Table shows all of it.
        </caption>
        <thead>
          <tr>
            <th scope="col">name</th>
            <th scope="col">what it is</th>
            <th scope="col">made from</th>
          </tr>
        </thead>
        <tbody>
          {nodes.slice(0, MOST_TOLD).map((node, at) => (
            <tr key={node.key}>
              <th scope="row">{node.label}</th>
              <td>{[kindOf(node), ...saidOf(node)].join(", ")}</td>
              <td>{scene.before[at]!.slice(0, MOST_TOLD).map((from) => nodes[from]!.label).join(", ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The address of this page with a node selected. */
function selecting(node: GraphNode): string {
  const params = new URLSearchParams(place.value.params);
  params.set("sel", node.key);
  return `${place.value.path}?${params}`;
}

function nameOf(node: GraphNode) {
  return node.kind === "operation" ? <i>{node.label}</i> : node.label;
}

function kindOf(node: GraphNode): string {
  return node.kind === "group" ? `group of ${count(node.members.length)}` : node.kind === "operation" ? "operation" : node.class;
}

function awayOf({ node }: NodeRow) {
  return node.beside ? "beside" : node.distance;
}

function saidOf(node: GraphNode): string[] {
  const hidden = node.hidden ? [`${count(node.hidden)} hidden`] : [];
  return [...(node.beside ? ["read beside"] : []), ...(node.live ? [] : ["dropped"]), ...hidden];
}

const nodeColumns: Column<NodeRow>[] = [
  { key: "name", title: "name", cell: ({ node }) => nameOf(node), width: "minmax(6rem, 3fr)" },
  { key: "part", title: "part", cell: ({ node }) => kindOf(node), width: "6.5rem" },
  { key: "live", title: "state", cell: ({ node }) => (node.live ? "live" : "dropped"), width: "5.5rem", wide: true },
  { key: "away", title: "away", cell: awayOf, width: "4rem", number: true, wide: true },
  { key: "before", title: "made from", cell: ({ before }) => count(before), width: "5.5rem", number: true, wide: true },
  { key: "after", title: "used by", cell: ({ after }) => count(after), width: "5rem", number: true, wide: true },
  { key: "hidden", title: "hidden", cell: ({ node }) => (node.hidden ? count(node.hidden) : ""), width: "3.5rem", number: true },
];

const linkColumns: Column<LinkRow>[] = [
  { key: "to", title: "made", cell: ({ to }) => nameOf(to), width: "minmax(6rem, 2fr)" },
  { key: "from", title: "from", cell: ({ from }) => nameOf(from), width: "minmax(6rem, 2fr)" },
  { key: "by", title: "last by", cell: ({ link }) => <Newest link={link} />, width: "minmax(4.5rem, 1fr)" },
  { key: "times", title: "times", cell: (row) => count(timesOf(row)), width: "4rem", number: true, wide: true },
];

function timesOf({ link, from, to }: LinkRow): number {
  return Math.max(link.operations.length, from.times, to.times);
}

function Newest({ link }: { link: GraphLink }) {
  const newest = link.operations[link.operations.length - 1];
  return newest ? <a href={href(`/events/${newest.offset}`)}>{newest.name}</a> : null;
}
