// What of the lineage is shown: which way, how far, of what, and put together how.
import { useState } from "preact/hooks";
import { count } from "../../lib/format.ts";
import { change } from "../../lib/router.ts";
import { Draft } from "../../parts/draft.tsx";
import type { GraphNode } from "./graph.ts";
import type { Scene } from "./scene.ts";
import { ALL, type Direction, type Show, type View, depthText } from "./view.ts";

interface Props {
  view: View;
  show: Show;
  /** The artifact that the column belongs to which the lineage is of. */
  table: string | null;
}

/** What was expanded, and where one was, is of another picture. */
const ANEW = { expand: null, sel: null };

export function Tools({ view, show, table }: Props) {
  return (
    <div class="row end lineage-tools">
      <Tabs show={show} view={view} />
      <div role="group" aria-label="Direction" class="lineage-switch">
        <Way view={view} to="backward" says="← Made from" />
        <Way view={view} to="both" says="Both" />
        <Way view={view} to="forward" says="Used by →" />
      </div>
      <Level view={view} table={table} />
      <Depth view={view} />
      <Grouping view={view} />
    </div>
  );
}

function Tabs({ show, view }: { show: Show; view: View }) {
  const tab = (to: Show, says: string, title: string) => (
    <button type="button" aria-pressed={show === to} title={title} onClick={() => change(tabOf(to, view))}>
      {says}
    </button>
  );
  return (
    <div role="group" aria-label="Shown as" class="lineage-switch">
      {tab("graph", "Graph", "The picture")}
      {tab("table", "Table", "The artifacts and links of the picture as tables")}
      {tab("impact", "Impact", "What has to be made again when this changes")}
    </div>
  );
}

/** The impact is all that was made from an artifact; its graph and its table are of the same. */
function tabOf(to: Show, view: View) {
  if (to === "impact") return { ...ANEW, show: to, direction: "forward", depth: "all", ungroup: null };
  return { show: to, direction: view.direction === "both" ? null : view.direction, depth: depthText(view.depth) };
}

function Way({ view, to, says }: { view: View; to: Direction; says: string }) {
  const go = () => change({ ...ANEW, direction: to === "both" ? null : to, show: shownAs(view) });
  return (
    <button type="button" aria-pressed={view.direction === to} onClick={go}>
      {says}
    </button>
  );
}

/** The impact is of one direction and everything: who asks for another sees that as a graph. */
function shownAs({ show }: View): Show | null {
  return show === "impact" ? "graph" : show;
}

function Level({ view, table }: { view: View; table: string | null }) {
  const toArtifacts = () => change({ ...ANEW, of: table ?? view.of, level: null, from: null, to: null });
  const toColumns = () => change({ ...ANEW, level: "columns", from: null, to: null });
  const columns = view.level === "columns";
  return (
    <div role="group" aria-label="Level" class="lineage-switch">
      <button type="button" aria-pressed={!columns} onClick={() => columns && toArtifacts()}>
        Artifacts
      </button>
      <button type="button" aria-pressed={columns} onClick={() => columns || toColumns()}>
        Columns
      </button>
    </div>
  );
}

function Depth({ view }: { view: View }) {
  const all = view.depth >= ALL;
  const go = (depth: number) => change({ expand: null, depth: depthText(depth), show: shownAs(view) });
  return (
    <div class="row end lineage-depth">
      <label>
        Operations away
        <Draft
          type="number"
          min={0}
          max={ALL - 1}
          value={all ? "" : String(view.depth)}
          placeholder="all"
          commit={(text) => text !== "" && go(Math.max(0, Math.floor(Number(text))))}
        />
      </label>
      <button type="button" aria-pressed={all} onClick={() => go(all ? 1 : ALL)}>
        Show all
      </button>
    </div>
  );
}

function Grouping({ view }: { view: View }) {
  return (
    <label>
      Put together by
      <select
        value={view.grouping ?? ""}
        onChange={(event) => change({ group: event.currentTarget.value, ungroup: null, sel: null })}
      >
        <option value="">nothing</option>
        <option value="first">name up to the first /</option>
        <option value="last">name up to the last /</option>
        {view.level === "columns" && <option value="table">artifact of the column</option>}
      </select>
    </label>
  );
}

/** Finds nodes by a part of their names, and goes from one to the next. */
export function Find({ scene, selected, select }: { scene: Scene; selected: number; select: (node: GraphNode) => void }) {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const fits = (name: string) => name.toLowerCase().includes(wanted);
  const found = wanted ? scene.graph.nodes.flatMap((node, at) => ([node.label, ...node.members].some(fits) ? [at] : [])) : [];
  const next = () => {
    const at = found.find((one) => one > selected) ?? found[0];
    if (at !== undefined) select(scene.graph.nodes[at]!);
  };
  return (
    <form
      class="row lineage-find"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        next();
      }}
    >
      <input
        data-search
        type="search"
        aria-label="Find in the graph; Enter goes to the next"
        placeholder="find in the graph"
        value={text}
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <span class="quiet" aria-live="polite">
        {wanted && `${count(found.length)} found`}
      </span>
    </form>
  );
}
