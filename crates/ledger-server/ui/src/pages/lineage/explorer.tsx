// The lineage of one artifact: as a graph, as tables, or as what has to be made again.
import { useMemo } from "preact/hooks";
import { asOf, change, go, href, place } from "../../lib/router.ts";
import { ledger, option } from "../../lib/shell.ts";
import { Empty, Trouble } from "../../parts/said.tsx";
import { useNarrow } from "../../parts/table.tsx";
import { GraphCanvas } from "./canvas.tsx";
import { ChooseColumn } from "./columns.tsx";
import { Formats } from "./formats.tsx";
import type { Edge, GraphNode, Layout } from "./graph.ts";
import { Impact } from "./impact.tsx";
import { Panel } from "./panel.tsx";
import { pictureOf, wayIn } from "./picture.ts";
import { edgesOf, useLayouts, useWay } from "./read.ts";
import { Find, Tools } from "./tools.tsx";
import { LinkTable, NodeTable, Unseen } from "./tables.tsx";
import { type Show, type View, viewOf } from "./view.ts";
import { WayBar } from "./way.tsx";

export function Explorer() {
  const view = viewOf(place.value.params);
  const narrow = useNarrow();
  const show = view.show ?? (narrow ? "table" : "graph");
  const way = useWay(view);
  const edges = useMemo(() => edgesOf(way.data), [way.data]);
  const held = useLayouts(view, edges);
  const root = held.data?.[0];
  const table = root?.nodes.find((node) => node.artifact === view.of)?.table ?? null;
  const noColumn = view.level === "columns" && held.problem?.status === 404;
  return (
    <div class="lineage">
      <p class="lineage-up">
        <a href={href("/lineage")}>All artifacts</a>
      </p>
      <h1>Lineage of {view.of}</h1>
      <Tools view={view} show={show} table={table} />
      <WayBar view={view} held={way} names={() => namesIn(held.data)} />
      {held.problem && !noColumn && <Trouble problem={held.problem} again={held.reload} />}
      {held.problem?.status === 404 && !noColumn && (
        <Empty command={ledger("record --operation load --reads raw/orders.csv", option("writes", view.of), "-- true")}>
          An operation that makes it is recorded so:
        </Empty>
      )}
      {noColumn && <ChooseColumn name={view.of} />}
      {held.data ? (
        <Shown view={view} show={show} layouts={held.data} edges={edges} />
      ) : (
        !held.problem && <p class="quiet loading">reading…</p>
      )}
    </div>
  );
}

/** The artifacts of some answers, each once. */
function namesIn(layouts: readonly Layout[] | null): string[] {
  return [...new Set((layouts ?? []).flatMap(({ nodes }) => nodes.map((node) => node.artifact)))];
}

interface Props {
  view: View;
  show: Show;
  layouts: readonly Layout[];
  edges: readonly Edge[];
}

function Shown({ view, show, layouts, edges }: Props) {
  const apart = view.ungrouped.join("\n");
  const scene = useMemo(() => pictureOf(layouts, edges, view), [layouts, edges, view.grouping, apart]);
  const way = useMemo(() => wayIn(scene, edges), [scene, edges]);
  const chosen = scene.graph.nodes.findIndex((node) => node.key === view.selected);
  const selected = chosen >= 0 ? chosen : (scene.places.get(view.selected ?? "") ?? scene.root);
  const pick = (node: GraphNode | null) => change({ sel: node && node.key !== view.of ? node.key : null }, "replace");
  const open = (node: GraphNode) => opened(node, view);
  const select = (name: string) => change({ sel: name }, "replace");
  const subject = JSON.stringify([view.of, view.level, view.direction, view.depth, asOf.value]);
  return (
    <>
      {scene.graph.cut && (
        <p class="warn" role="status">
          There are more operations than are shown: these are the nearest.
        </p>
      )}
      {show === "impact" ? (
        <Impact graph={scene.graph} of={view.of} level={view.level} />
      ) : (
        <div class={`lineage-shown ${show}`}>
          {show === "table" && <NodeTable scene={scene} selected={selected} />}
          {show === "graph" && (
            <div class="lineage-stage">
              <Find scene={scene} selected={selected} select={pick} />
              <GraphCanvas {...{ scene, selected, way, subject, pick, open }} />
              <Unseen scene={scene} />
            </div>
          )}
          <Panel view={view} scene={scene} selected={selected} open={open} select={select} />
          {show === "table" && <LinkTable scene={scene} selected={selected} />}
        </div>
      )}
      <Formats view={view} />
    </>
  );
}

/** Shows more of what is behind a node. */
function opened(node: GraphNode, view: View): void {
  if (node.kind === "operation") go(href(`/events/${node.offset}`));
  else if (node.kind === "group") change({ ungroup: [...view.ungrouped, node.label], sel: node.members[0] });
  else if (!view.expanded.includes(node.key)) change({ expand: [...view.expanded, node.key], sel: node.key });
}
