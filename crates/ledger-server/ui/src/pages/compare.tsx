// Two runs side by side.
import "./runs.css";
import { useMemo, useRef } from "preact/hooks";
import { count } from "../lib/format.ts";
import { asOf, here, href, place, search } from "../lib/router.ts";
import { useGet, useRead, useTick } from "../lib/use.ts";
import { Empty, Trouble } from "../parts/said.tsx";
import { LongTable } from "../parts/table.tsx";
import { readPage } from "./events/read.ts";
import { columnsOf, rowClass } from "./runs/compare-rows.tsx";
import { Figures } from "./runs/compare-summary.tsx";
import { BOUND, type Row, type Show, type Told, compareEvents, shown, sumOf } from "./runs/comparison.ts";
import { Pair } from "./runs/pair.tsx";
import { PickRun } from "./runs/picker.tsx";
import { type Run, runPath } from "./runs/said.tsx";

export function ComparePage(_: { name: string }) {
  const { params } = place.value;
  const [a, b] = [params.get("a"), params.get("b")];
  return (
    <>
      <h1>Compare runs</h1>
      <Chosen a={a} b={b} />
      {a && b ? (
        <Comparison key={JSON.stringify([a, b])} a={a} b={b} />
      ) : (
        <Empty>Choose two runs: their events are laid side by side, and what differs is marked.</Empty>
      )}
    </>
  );
}

/** Another run is another comparison: what was looked at in this one is left behind. */
function Chosen({ a, b }: { a: string | null; b: string | null }) {
  const to = (a: string | null, b: string | null) => href("/compare", { a, b, show: place.value.params.get("show") });
  return (
    <div class="row compare-chosen">
      <One letter="A" run={a} but={b} to={(run) => to(run, b)} />
      <One letter="B" run={b} but={a} to={(run) => to(a, run)} />
      {a && b && <a href={to(b, a)}>Swap</a>}
    </div>
  );
}

function One(props: { letter: string; run: string | null; but: string | null; to: (run: string) => string }) {
  const { letter, run, but, to } = props;
  return (
    <span class="row">
      <b>{letter}</b>
      {run ? <a href={href(runPath(run))}>{run}</a> : <span class="quiet">none yet</span>}
      <PickRun label={run ? "Choose another" : "Choose a run"} title={`Run ${letter}`} but={but} to={to} />
    </span>
  );
}

function useSide(name: string) {
  const run = useGet("/api/v1/runs/{run}", {}, { run: name }, { live: 2_000 });
  // A run that has ended is not read again: it takes the most of what is read here.
  const tick = useTick(run.data?.state === "open" && asOf.value === null ? 2_000 : 0);
  const params = { run: name, limit: BOUND, up_to: asOf.value };
  const question = search(params);
  const events = useRead(`${question}#${tick}`, (signal) => readPage(params, signal), question);
  return { name, run, events };
}

function Comparison({ a, b }: { a: string; b: string }) {
  const sides = [useSide(a), useSide(b)];
  const [left, right] = sides.map(({ run, events }) =>
    run.data && events.data ? { run: run.data, events: events.data.events, cut: events.data.next !== null } : null,
  );
  const problems = sides.flatMap(({ name, run, events }) => {
    const held = run.problem ? run : events;
    return held.problem ? [{ name, held, problem: held.problem }] : [];
  });
  return (
    <>
      {problems.map(({ name, held, problem }) => (
        <div key={name}>
          <h2>{name}</h2>
          <Trouble problem={problem} again={held.reload} />
        </div>
      ))}
      {left && right ? <Compared a={left} b={right} /> : problems.length === 0 && <p class="quiet loading">reading…</p>}
    </>
  );
}

interface Whole {
  run: Run;
  events: readonly Told[];
  cut: boolean;
}

function Compared({ a, b }: { a: Whole; b: Whole }) {
  const last = useRef<Row[]>([]);
  const rows = useMemo(() => (last.current = compareEvents(a.events, b.events, last.current)), [a.events, b.events]);
  const sums = useMemo(() => [a, b].map(({ events }) => sumOf(events.map(({ event }) => event))), [a.events, b.events]);
  const show = showOf(place.value.params.get("show"));
  const seen = useMemo(() => rows.filter(shown[show]), [rows, show]);
  const chosen = place.value.params.get("pair");
  const pair = rows.find((row) => row.key === chosen);
  return (
    <>
      <h2 class="unseen">In figures</h2>
      <Figures a={{ run: a.run, sum: sums[0]! }} b={{ run: b.run, sum: sums[1]! }} />
      {[a, b].filter((side) => side.cut).map((side) => (
        <p key={side.run.run_id} class="warn" role="status">
          Only the first {count(BOUND)} of {count(side.run.events)} events of {side.run.run_id} are compared. Operations,
          failures and rows are of these, too.
        </p>
      ))}
      <h2>Event by event</h2>
      <Choices rows={rows} show={show} />
      <div class={pair ? "compare-body with-pair" : "compare-body"}>
        <Listed rows={seen} all={rows.length} chosen={pair?.key ?? null} />
        {pair && <Pair row={pair} />}
      </div>
    </>
  );
}

const words: Record<Show, string> = {
  all: "all",
  differences: "all that differs",
  one: "only in one",
  time: "took longer or shorter",
  fields: "other fields",
  order: "in another order",
};

function showOf(text: string | null): Show {
  return text !== null && Object.hasOwn(words, text) ? (text as Show) : "all";
}

function Choices({ rows, show }: { rows: readonly Row[]; show: Show }) {
  return (
    <nav class="row" aria-label="Which events">
      {(Object.keys(words) as Show[]).map((one) => (
        <a
          key={one}
          class={`chip ${one === show ? "on" : ""}`}
          aria-current={one === show ? "true" : undefined}
          href={here({ show: one === "all" ? null : one })}
        >
          {words[one]} <b>{count(rows.filter(shown[one]).length)}</b>
        </a>
      ))}
    </nav>
  );
}

function Listed(props: { rows: readonly Row[]; all: number; chosen: string | null }) {
  const { rows, all, chosen } = props;
  if (rows.length === 0) return <Empty>{all === 0 ? "Neither run has an event." : "No event differs so."}</Empty>;
  return (
    <LongTable
      label="The events of both runs, side by side"
      columns={columnsOf(chosen !== null)}
      rows={rows}
      keyOf={(row) => row.key}
      link={(row) => here({ pair: row.key })}
      class={(row) => rowClass(row, chosen)}
      foot="Events answer to each other by kind, operation and what they are about, in their order; else by turn."
    />
  );
}
