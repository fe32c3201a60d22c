// The artifacts of the ledger, to start from one of them.
import { useState } from "preact/hooks";
import { type Answer, type Schemas, get } from "../../lib/api.ts";
import { count } from "../../lib/format.ts";
import { type Params, asOf, change, href, place, search } from "../../lib/router.ts";
import { ledger } from "../../lib/shell.ts";
import { type Held, useRead, useTick } from "../../lib/use.ts";
import { Empty, Shown } from "../../parts/said.tsx";
import { Search } from "../../parts/search.tsx";
import { type Column, LongTable } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { FIRST, MOST, paceOf, reachOf } from "./reach.ts";
import { verdictOf } from "./words.ts";

type Artifact = Schemas["JudgedArtifact"];
type Artifacts = Answer<"/api/v1/artifacts">;

const FILL = "record --operation load --reads raw/orders.csv --writes shop/orders -- true";

/** Reads the first artifacts. To ask for more of them is the same question; to ask for others begins with the first again. */
function useArtifacts(asked: Params): { held: Held<Artifacts>; more: (() => void) | undefined } {
  const params = { ...asked, as_of: asOf.value };
  const question = search(params);
  const [reach, setReach] = useState({ question, limit: FIRST });
  const limit = reach.question === question ? reach.limit : FIRST;
  const tick = useTick(asOf.value === null ? paceOf(limit) : 0);
  const read = (signal: AbortSignal) => get("/api/v1/artifacts", { ...params, limit }, {}, signal);
  const held = useRead(`${question} ${limit}#${tick}`, read, question);
  const next = held.data && reachOf(limit, held.data.artifacts.length, held.data.total);
  return { held, more: next === null ? undefined : () => setReach({ question, limit: next }) };
}

export function Start() {
  const { params } = place.value;
  const asked = {
    q: params.get("q"),
    live: params.get("live") === "true",
    droppable: params.get("droppable") === "true",
  };
  const { held, more } = useArtifacts(asked);
  return (
    <div class="lineage">
      <h1>Lineage</h1>
      <form class="row end" role="search" onSubmit={(event) => event.preventDefault()}>
        <Search
          label="Start from an artifact: a part of its name"
          value={asked.q ?? ""}
          search={(q) => change({ q }, "replace")}
        />
        <Only name="live" says="only what is there" />
        <Only name="droppable" says="only what may be dropped" />
      </form>
      <Shown held={held}>
        {({ artifacts, total }) => {
          if (total === 0 && (asked.q || asked.live || asked.droppable)) return <Empty>No artifact fits.</Empty>;
          if (total === 0) {
            return <Empty command={ledger(FILL)}>No operation has written or read anything yet. One that does:</Empty>;
          }
          return (
            <LongTable
              label="Artifacts"
              columns={columns}
              rows={artifacts}
              keyOf={({ artifact }) => artifact}
              link={({ artifact }) => href("/lineage", { of: artifact })}
              more={more}
              foot={footOf(artifacts.length, total)}
            />
          );
        }}
      </Shown>
    </div>
  );
}

function footOf(shown: number, total: number): string {
  if (shown === total) return `${count(total)} ${total === 1 ? "artifact" : "artifacts"}`;
  const hint = shown >= MOST ? "; write more of the name to find the others" : "";
  return `the first ${count(shown)} of ${count(total)} artifacts${hint}`;
}

function Only({ name, says }: { name: string; says: string }) {
  const on = place.value.params.get(name) === "true";
  return (
    <label class="inline">
      <input type="checkbox" checked={on} onChange={() => change({ [name]: !on })} />
      {says}
    </label>
  );
}

const columns: Column<Artifact>[] = [
  { key: "artifact", title: "artifact", cell: ({ artifact }) => artifact, width: "minmax(6rem, 2fr)" },
  { key: "part", title: "part", cell: partOf, width: "7rem", wide: true },
  { key: "live", title: "state", cell: stateOf, width: "5.5rem" },
  { key: "scope", title: "scope", cell: ({ scope }) => scope ?? <Quiet says="not said" />, width: "6.5rem", wide: true },
  { key: "verdict", title: "verdict", cell: verdictOf, width: "minmax(8rem, 2fr)", wide: true },
  { key: "written", title: "written", cell: ({ written }) => count(written), width: "5rem", number: true, wide: true },
  { key: "read", title: "read", cell: ({ read }) => count(read), width: "5rem", number: true, wide: true },
  { key: "first", title: "first", cell: ({ first_at }) => <Time at={first_at} />, width: "10.5rem", wide: true },
  { key: "last", title: "last", cell: ({ last_at }) => <Time at={last_at} relative />, width: "7rem" },
];

/** What was only ever read is from elsewhere: whether it is there is not said. */
function stateOf({ live, dropped }: Artifact) {
  return live ? "live" : <Quiet says={dropped === null ? "only read" : "dropped"} />;
}

function Quiet({ says }: { says: string }) {
  return <span class="quiet">{says}</span>;
}

/** What it is among all operations of the ledger, as a graph says it of its own. */
function partOf({ written, read }: Artifact): string {
  return read === 0 ? "target" : written === 0 ? "input" : "intermediate";
}
