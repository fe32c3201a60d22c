// What has to be made again when an artifact changes, as a list to work through.
import { useMemo } from "preact/hooks";
import { count } from "../../lib/format.ts";
import { change, href } from "../../lib/router.ts";
import { Copy } from "../../parts/copy.tsx";
import { Empty } from "../../parts/said.tsx";
import { type Column, LongTable } from "../../parts/table.tsx";
import type { Graph } from "./graph.ts";
import { type Remade, impactOf, impactText } from "./remade.ts";
import type { Level } from "./view.ts";

export function Impact({ graph, of, level }: { graph: Graph; of: string; level: Level }) {
  const rows = useMemo(() => impactOf(graph, of), [graph, of]);
  if (rows.length === 0) return <Empty>Nothing was made from {of}.</Empty>;
  const rounds = rows[rows.length - 1]!.round;
  return (
    <>
      <p class="row">
        <span>
          When <b>{of}</b> changes, {rows.length === 1 ? `1 ${level.slice(0, -1)} has` : `${count(rows.length)} ${level} have`} to
          be made again, in {rounds === 1 ? "1 round" : `${count(rounds)} rounds`}: what is of one round can be made at the same
          time.
        </span>
        <button type="button" onClick={() => change({ show: "graph", direction: "forward", depth: "all" })}>
          See it as a graph
        </button>
        <Copy text={() => impactText(of, rows)} label="copy the list" />
      </p>
      <LongTable
        label={`What has to be made again when ${of} changes`}
        columns={columns}
        rows={rows}
        keyOf={({ node }) => node.key}
        link={({ node }) => href("/lineage", { of: node.key, level: node.table ? "columns" : null })}
        class={({ node }) => (node.live ? "" : "lineage-dropped")}
        foot={`${count(rows.length)} in all`}
      />
    </>
  );
}

const columns: Column<Remade>[] = [
  { key: "name", title: "name", cell: ({ node }) => node.label, width: "minmax(6rem, 3fr)" },
  { key: "round", title: "round", cell: ({ round }) => count(round), width: "4rem", number: true },
  { key: "live", title: "state", cell: ({ node }) => (node.live ? "live" : "dropped"), width: "5.5rem", wide: true },
  { key: "from", title: "made from", cell: fromOf, width: "minmax(8rem, 3fr)", wide: true },
  { key: "by", title: "last made by", cell: ({ last }) => <Last last={last} />, width: "minmax(4.5rem, 1fr)" },
];

function fromOf({ from }: Remade): string {
  const names = from.slice(0, 5).map((node) => node.label);
  return names.join(", ") + (from.length > 5 ? ` and ${count(from.length - 5)} more` : "");
}

function Last({ last }: Pick<Remade, "last">) {
  return last ? <a href={href(`/events/${last.offset}`)}>{last.name}</a> : null;
}
