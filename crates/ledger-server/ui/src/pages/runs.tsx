// The runs: over time, and as a list.
import "./runs.css";
import { useState } from "preact/hooks";
import { count, duration } from "../lib/format.ts";
import { asOf, asOfWords, change, here, href, place } from "../lib/router.ts";
import { ledger } from "../lib/shell.ts";
import { useGet } from "../lib/use.ts";
import { Filters } from "../parts/filters.tsx";
import { Pager } from "../parts/pager.tsx";
import { Empty, Trouble } from "../parts/said.tsx";
import { Search } from "../parts/search.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { wholeOf } from "./runs/address.ts";
import { Gantt } from "./runs/gantt.tsx";
import { useKept } from "./runs/kept.ts";
import { outcomeOf } from "./runs/outcome.ts";
import { Actors, type Run, RunState, runPath } from "./runs/said.tsx";
import { spanOf } from "./runs/time.ts";

const SIZES = [20, 50, 100];
/** What one may ask of runs, as the API calls it. */
const names = ["q", "state", "reason", "since", "until"] as const;
type Wanted = Record<(typeof names)[number], string>;

export function RunsPage(_: { name: string }) {
  const { params } = place.value;
  const filters = Object.fromEntries(names.map((name) => [name, params.get(name) ?? ""])) as Wanted;
  const limit = Math.max(1, wholeOf("limit", SIZES[0]!, 1_000));
  const offset = wholeOf("offset", 0, 4_294_967_295);
  const held = useGet("/api/v1/runs", { ...filters, limit, offset }, {}, { live: 1_000 });
  // Rows that move away from under the pointer are clicked by mistake.
  const [still, setStill] = useState(false);
  const { data, old, behind } = useKept(held.data, JSON.stringify([filters, limit, offset, asOf.value]), still);
  return (
    <>
      <h1>Runs</h1>
      <Which filters={filters} limit={limit} />
      <Filters names={["since", "until"]} reset={anew} />
      {held.problem && <Trouble problem={held.problem} again={held.reload} />}
      {!data && !held.problem && <p class="quiet loading">reading…</p>}
      {data && (
        <div
          class={old ? "run-old" : ""}
          aria-busy={old}
          onPointerEnter={(event) => setStill(event.pointerType === "mouse")}
          onPointerLeave={() => setStill(false)}
        >
          <p class="run-total quiet">
            <span role="status">
              {count(data.total)} {data.total === 1 ? "run" : "runs"}
            </span>
            {behind && <span>, held still while you point at them</span>}
          </p>
          {data.runs.length > 0 ? (
            <>
              <h2 class="unseen">Over time</h2>
              <Gantt runs={data.runs} />
              <h2 class="unseen">List</h2>
              <List runs={data.runs} />
              <Pager from={offset} part={limit} total={data.total} to={(from) => change({ ...anew, offset: from || null })} />
            </>
          ) : (
            <None total={data.total} filtered={names.some((name) => filters[name] !== "")} />
          )}
        </div>
      )}
    </>
  );
}

/** Other filters begin with the first page, and with all of its time. */
const anew = { offset: null, from: null, to: null, zoom: null };

function Which({ filters, limit }: { filters: Wanted; limit: number }) {
  const { q, reason, state } = filters;
  return (
    <form class="row end" role="search" onSubmit={(event) => event.preventDefault()}>
      <Search label="Name" placeholder="a part of the name" value={q} search={(q) => change({ ...anew, q }, "replace")} />
      <Search
        label="Ended as"
        placeholder="a part of the reason"
        value={reason}
        search={(reason) => change({ ...anew, reason }, "replace")}
      />
      <label>
        State
        <select value={state} onChange={(event) => change({ ...anew, state: event.currentTarget.value })}>
          <option value="">all</option>
          <option value="open">open</option>
          <option value="finished">finished</option>
        </select>
      </label>
      <label>
        On a page
        <select
          value={String(limit)}
          onChange={({ currentTarget: { value } }) => change({ ...anew, limit: value === String(SIZES[0]) ? null : value })}
        >
          {[...new Set([...SIZES, limit])].map((size) => (
            <option key={size} value={String(size)}>
              {size}
            </option>
          ))}
        </select>
      </label>
    </form>
  );
}

const columns: readonly Column<Run>[] = [
  { key: "run", title: "Run", cell: (run) => <span class="run-name">{run.run_id}</span> },
  { key: "state", title: "State", cell: (run) => <RunState run={run} /> },
  { key: "events", title: "Events", number: true, wide: true, cell: (run) => <EventsOf run={run} /> },
  { key: "actors", title: "Actors", wide: true, cell: (run) => <Actors run={run} most={3} /> },
  { key: "first", title: "First event", wide: true, cell: (run) => <Time at={run.first_at} /> },
  { key: "last", title: "Last event", wide: true, cell: (run) => <Last run={run} /> },
  { key: "duration", title: "Duration", number: true, cell: (run) => <Length run={run} /> },
];

function EventsOf({ run }: { run: Run }) {
  return <a href={href("/events", { run: run.run_id })}>{count(run.events)}</a>;
}

function Last({ run }: { run: Run }) {
  return (
    <span class="run-brief">
      <Time at={run.last_at} relative />
    </span>
  );
}

function Length({ run }: { run: Run }) {
  const { from, to } = spanOf(run);
  return <span class="run-brief">{duration(to - from)}</span>;
}

function List({ runs }: { runs: readonly Run[] }) {
  return (
    <Table
      label="Runs, those with the newest events first"
      columns={columns}
      rows={runs}
      keyOf={(run) => run.run_id}
      link={(run) => href(runPath(run.run_id))}
      class={(run) => (outcomeOf(run) === "failed" ? "bad" : "")}
    />
  );
}

function None({ total, filtered }: { total: number; filtered: boolean }) {
  if (total > 0) {
    return (
      <Empty>
        There are only {count(total)} runs. <a href={here({ offset: null })}>Go to the first of them</a>.
      </Empty>
    );
  }
  if (filtered) {
    return (
      <Empty>
        No run fits. <a href={href("/runs")}>Show all runs</a>.
      </Empty>
    );
  }
  if (asOf.value !== null) return <Empty>There are no runs{asOfWords()}.</Empty>;
  const command = ledger(`append --run r-1 --kind run.started --payload '{"goal":"load"}'`);
  return <Empty command={command}>There are no runs yet.</Empty>;
}
