// What is known of the node that is selected, and where one can go from it.
import type { ComponentChildren } from "preact";
import { count } from "../../lib/format.ts";
import { change, href } from "../../lib/router.ts";
import { Copy } from "../../parts/copy.tsx";
import { timesOf } from "./canvas.tsx";
import { Columns } from "./columns.tsx";
import { Facts, Writes } from "./facts.tsx";
import type { GraphNode } from "./graph.ts";
import { groupOf } from "./groups.ts";
import type { Scene } from "./scene.ts";
import type { View } from "./view.ts";
import { writeEnd } from "./way.tsx";

/** How many neighbours and members are listed at once. */
const MOST = 30;

interface Props {
  view: View;
  scene: Scene;
  selected: number;
  open: (node: GraphNode) => void;
  select: (name: string) => void;
}

export function Panel(props: Props) {
  const node = props.scene.graph.nodes[props.selected]!;
  return (
    <aside class="lineage-panel" aria-label="What is selected">
      {node.kind === "artifact" && <ArtifactPanel {...props} node={node} />}
      {node.kind === "group" && <GroupPanel {...props} node={node} />}
      {node.kind === "operation" && <OperationPanel node={node} />}
      <Neighbours {...props} title="Made from" of="before" />
      <Neighbours {...props} title="Used by" of="after" />
    </aside>
  );
}

function ArtifactPanel({ view, open, node }: Props & { node: GraphNode }) {
  const table = node.table ?? node.key;
  return (
    <>
      <h2 class="lineage-title">
        {node.label} <Copy text={node.key} />
      </h2>
      <p class="row">
        <span class="state">{node.class}</span>
        {node.live ? <span class="state good">live</span> : <span class="state warn">dropped</span>}
        {node.distance !== null && node.distance > 0 && <span class="quiet">{steps(node.distance)} away</span>}
      </p>
      {node.beside && (
        <p class="quiet">
          An operation read it beside what the graph is of.
        </p>
      )}
      <Buttons view={view} node={node} open={open} />
      {node.table && (
        <p>
          A column of <a href={href("/lineage", { of: node.table })}>{node.table}</a>
        </p>
      )}
      <Facts name={table} />
      <Writes name={table} />
      {view.level === "artifacts" && <Columns name={table} />}
    </>
  );
}

function Buttons({ view, node, open }: { view: View; node: GraphNode; open: (node: GraphNode) => void }) {
  const name = node.key;
  const isRoot = name === view.of;
  const group = view.grouping === null ? null : groupOf(node, view.grouping);
  // The other end, until another is chosen, is where the picture begins.
  const end = (other: string | null) => (other !== null && other !== name ? other : isRoot ? null : view.of);
  return (
    <p class="row">
      {!isRoot && <a href={href("/lineage", { of: name, ...startOf(view) })}>Start here</a>}
      <Expand view={view} node={node} open={open} />
      <button type="button" onClick={() => path({ from: name, to: end(view.to) }, "to")}>
        Path from here
      </button>
      <button type="button" onClick={() => path({ to: name, from: end(view.from) }, "from")}>
        Path to here
      </button>
      {group !== null && view.ungrouped.includes(group) && (
        <button type="button" onClick={() => change({ ungroup: view.ungrouped.filter((one) => one !== group) })}>
          Put {group} together
        </button>
      )}
      <a href={href("/lineage", { of: name, level: view.level === "columns" && "columns", show: "impact" })}>Impact</a>
    </p>
  );
}

/** Asks for a way, whose other end may be written at once. */
function path(ends: { from: string | null; to: string | null }, other: "from" | "to") {
  change(ends);
  writeEnd(other);
}

function Expand({ view, node, open }: { view: View; node: GraphNode; open: (node: GraphNode) => void }) {
  if (view.expanded.includes(node.key)) {
    return (
      <button type="button" onClick={() => change({ expand: view.expanded.filter((one) => one !== node.key) })}>
        Hide its neighbours
      </button>
    );
  }
  if (node.key === view.of && view.depth > 0) return null;
  return (
    <button type="button" class={node.hidden > 0 ? "strong" : ""} onClick={() => open(node)}>
      {node.hidden > 0 ? `Show ${count(node.hidden)} hidden` : "Expand"}
    </button>
  );
}

/** What is kept when one starts from elsewhere. */
function startOf({ direction, level, grouping }: View) {
  return {
    direction: direction !== "both" && direction,
    level: level === "columns" && level,
    group: grouping,
  };
}

function steps(of: number): string {
  return of === 1 ? "1 operation" : `${count(of)} operations`;
}

function GroupPanel({ view, open, node }: Props & { node: GraphNode }) {
  const level = view.level === "columns" && "columns";
  return (
    <>
      <h2 class="lineage-title">{node.label}</h2>
      <p>
        {count(node.members.length)} {view.level}, put together by{" "}
        {view.grouping === "table" ? "artifact" : "how their names begin"}
      </p>
      <p class="row">
        <button type="button" class="strong" onClick={() => open(node)}>
          Take it apart
        </button>
      </p>
      <Listed title="In it">
        {node.members.slice(0, MOST).map((name) => (
          <li key={name}>
            <a href={href("/lineage", { of: name, level })}>{name}</a>
          </li>
        ))}
        {node.members.length > MOST && <li class="quiet">and {count(node.members.length - MOST)} more</li>}
      </Listed>
    </>
  );
}

function OperationPanel({ node }: { node: GraphNode }) {
  return (
    <>
      <h2 class="lineage-title">{node.label}</h2>
      <p>
        Operations at which the graph ends, because they made nothing, or do not say what they made of what:{" "}
        {count(node.times)} of that name that did the same. The newest is{" "}
        <a href={href(`/events/${node.offset}`)}>event {node.offset}</a>.
      </p>
    </>
  );
}

function Listed({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <>
      <h3>{title}</h3>
      <ul class="lineage-list">{children}</ul>
    </>
  );
}

/** What lies next to the node in the picture, and through which operations. */
function Neighbours({ scene, selected, select, title, of }: Props & { title: string; of: "before" | "after" }) {
  const { links, nodes } = scene.graph;
  const end = of === "before" ? "to" : "from";
  const near = scene.links[selected]!.map((at) => links[at]!).filter((link) => link[end] === selected);
  if (near.length === 0) return null;
  return (
    <Listed title={`${title} (${count(near.length)})`}>
      {near.slice(0, MOST).map((link) => {
        const other = nodes[of === "before" ? link.from : link.to]!;
        const newest = link.operations[link.operations.length - 1];
        return (
          <li key={other.key}>
            <button type="button" class="plain lineage-name" onClick={() => select(other.key)}>
              {other.label}
            </button>
            {other.kind === "operation" && <span class="quiet"> {timesOf(other)}</span>}
            {newest && other.kind !== "operation" && (
              <span class="quiet">
                {" "}
                by <a href={href(`/events/${newest.offset}`)}>{newest.name}</a>
                {link.operations.length > 1 && `, ${count(link.operations.length)} times`}
              </span>
            )}
          </li>
        );
      })}
      {near.length > MOST && <li class="quiet">and {count(near.length - MOST)} more: see the table</li>}
    </Listed>
  );
}
