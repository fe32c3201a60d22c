// The state of the ledger at a glance: whether all is well, and if not, what leads to why.
import "./overview.css";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { type Answer, type Schemas, get } from "../lib/api.ts";
import { brief, bytes, count, duration } from "../lib/format.ts";
import { head, link } from "../lib/live.ts";
import { asOf, href } from "../lib/router.ts";
import { ledger } from "../lib/shell.ts";
import { type Held, useGet, useRead, useTick } from "../lib/use.ts";
import { Spark } from "../parts/chart.tsx";
import { Command, Need, Shown } from "../parts/said.tsx";
import { Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { type Replica, lagOf, stateOf, useReplicas, worst } from "./admin/replicas.ts";
import { Clip, Status, tableOf } from "./operations/columns.tsx";
import { rate } from "./operations/rate.ts";
import { RunState, runPath } from "./runs/said.tsx";

type Told = Answer<"/api/v1/overview">;
type Listeners = Answer<"/api/v1/listeners">;

/** From how many events on one that listens is called behind: less is on its way. */
const BEHIND = 1_000;

export function OverviewPage(_: { name: string }) {
  const held = useGet("/api/v1/overview", {}, {}, { live: 1_000 });
  const ready = useReady();
  const listeners = useListeners();
  const replicas = useReplicas();
  return (
    <div class="overview">
      <h1>Overview</h1>
      <Shown held={held}>
        {(told) =>
          told.head === 0 && asOf.value === null ? (
            <Beginning />
          ) : (
            <>
              <Verdict told={told} ready={ready} listeners={listeners.data} replicas={replicas.data} />
              <Cards told={told} ready={ready} listeners={listeners} replicas={replicas} />
              <div class="columns">
                <Failures told={told} />
                <Runs told={told} />
              </div>
            </>
          )
        }
      </Shown>
    </div>
  );
}

type Ready = Held<unknown>;

/** Whether the store answers. It is asked again when the ledger has grown, and when the link to the server came or went. */
function useReady(): Ready {
  const tick = useTick(asOf.value === null ? 5_000 : 0);
  return useRead(`ready ${link.value} ${tick}`, (signal) => get("/ready", {}, {}, signal), "ready");
}

/**
 * Who listens, and what they were not sent yet: that changes after the ledger has grown, so it is asked once more then. This page
 * listens, too, once its stream is up.
 */
function useListeners(): Held<Listeners> {
  const held = useGet("/api/v1/listeners", {}, {}, { live: 2_000, asOf: false });
  useEffect(() => {
    if (asOf.value !== null || head.value === null) return;
    const timer = setTimeout(held.reload, 2_000);
    return () => clearTimeout(timer);
  }, [head.value]);
  const live = link.value === "live";
  const was = useRef(live);
  useEffect(() => {
    if (live && !was.current) held.reload();
    was.current = live;
  }, [live]);
  return held;
}

function furthest({ listeners }: Listeners): number {
  return Math.max(0, ...listeners.map(({ behind }) => behind));
}

const failed = ({ operations }: Told) => operations.failed + operations.timed_out;

/** How all that failed ended; nothing where it did so in both ways, as one can only ask for one of them. */
export function statusOf({ failed, timed_out }: { failed: number; timed_out: number }): "error" | "timeout" | null {
  if (failed > 0 === timed_out > 0) return null;
  return failed > 0 ? "error" : "timeout";
}

function failedPath({ operations }: Told): string {
  return href("/operations", { status: statusOf(operations), period: "24h" });
}

/** What tells whether all is well. */
interface Health {
  told: Told;
  ready: Ready;
  listeners: Listeners | null;
  replicas: readonly Replica[] | null;
}

/** What is not well, each leading to why. */
function wrongs({ told, ready, listeners, replicas }: Health): ComponentChildren[] {
  const past = asOf.value !== null;
  const found: ComponentChildren[] = [];
  if (link.value === "away" && !past) found.push("the server cannot be reached, and this is how it was before");
  else if (ready.problem && !past) found.push(<a href={href("/admin")}>the store does not answer: {ready.problem.detail}</a>);
  const some = failed(told);
  if (some > 0) {
    found.push(
      <a href={failedPath(told)}>
        {count(some)} {some === 1 ? "operation" : "operations"} failed in {past && "the "}24 hours{past && " before"}
      </a>,
    );
  }
  const bad = replicas && !past ? worst(replicas) : null;
  if (bad && stateOf(bad) !== "good") {
    // For how long stands on its card: what changes each time would be read out each time.
    const what = bad.behind === null ? `is not known to be well: ${bad.problem}` : "is behind";
    found.push(<a href={href("/admin")}>the replica {bad.name} {what}</a>);
  }
  const behind = listeners && !past ? furthest(listeners) : 0;
  if (behind >= BEHIND) found.push(<a href={href("/admin")}>a listener was not sent {count(behind)} events yet</a>);
  return found;
}

/** What is well, as far as it is known. */
function rights({ ready, listeners, replicas }: Health): string {
  if (asOf.value !== null) return "no operation had failed in the 24 hours before";
  const found = ["no operation failed in 24 hours"];
  if (ready.data) found.unshift("the store answers");
  if (listeners) found.push("nobody who listens is far behind");
  if (replicas && replicas.length > 0) found.push("no replica is far behind");
  return found.join(", ");
}

/** Whether all is well, in a line. */
function Verdict(health: Health) {
  const { told, ready } = health;
  const past = asOf.value !== null;
  const wrong = wrongs(health);
  const away = !past && (link.value === "away" || ready.problem !== null);
  const state = away ? "bad" : wrong.length > 0 ? "warn" : "good";
  const words = { good: past ? "✓ All was well" : "✓ All is well", warn: "! Look here", bad: "✕ Not well" };
  return (
    <p class={`verdict ${state}`}>
      <span role="status">
        <strong class={state}>{words[state]}</strong>{" "}
        {wrong.length === 0 && rights(health)}
        {wrong.map((one, at) => (
          <span key={at}>
            {at > 0 && "; "}
            {one}
          </span>
        ))}
      </span>
      {failed(told) > 0 && told.failures[0] && (
        <span>
          ; the last failure <Time at={told.failures[0].timestamp} relative />
        </span>
      )}
    </p>
  );
}

/** One number and what leads to more of it. */
function Card(props: { title: string; to: string; figure: ComponentChildren; class?: string; children?: ComponentChildren }) {
  return (
    <section class="card">
      <h2>
        <a data-row href={props.to}>
          {props.title}
        </a>
      </h2>
      <div class={`figure ${props.class ?? ""}`}>{props.figure}</div>
      <div class="quiet small">{props.children}</div>
    </section>
  );
}

interface CardsProps {
  told: Told;
  ready: Ready;
  listeners: Held<Listeners>;
  replicas: Held<readonly Replica[]>;
}

function Cards({ told, ready, listeners, replicas }: CardsProps) {
  const { operations: ops, runs } = told;
  const perMinute = told.rate.map(({ events }) => events);
  const p95 = ops.series.map((bucket) => (bucket.count > 0 ? bucket.p95_duration_ms : null));
  return (
    <div class="cards">
      <Card title="Events in the last hour" to={href("/events")} figure={brief(told.events_last_hour)}>
        <Spark values={perMinute} label={`Events a minute in the last hour, at most ${count(Math.max(0, ...perMinute))}`} />
        <span>the head is at {count(told.head)}</span>
      </Card>
      <Card
        title="Errors in 24 hours"
        to={failedPath(told)}
        figure={failed(told) > 0 ? `✕ ${brief(failed(told))}` : "none"}
        class={failed(told) > 0 ? "bad" : "good"}
      >
        {ops.timed_out > 0 && <span>{count(ops.timed_out)} of them timed out</span>}
        <span>
          {ops.success_rate === null ? "no operation ended" : `${rate(ops.success_rate)} of ${count(ops.total)} ended well`}
        </span>
      </Card>
      <Card
        title="p95 in 24 hours"
        to={href("/operations", { period: "24h" })}
        figure={ops.total > 0 ? duration(ops.p95_duration_ms) : "–"}
      >
        {ops.total > 0 && <Spark values={p95} label="p95 of operations over the last 24 hours" />}
        <span>
          {ops.total > 0 ? `p50 ${duration(ops.p50_duration_ms)}, p99 ${duration(ops.p99_duration_ms)}` : "no operation ended"}
        </span>
      </Card>
      <Card title="Open runs" to={href("/runs", { state: "open" })} figure={brief(runs.open)}>
        <span>{count(runs.finished)} finished</span>
        {!runs.whole && (
          <span>
            among the newest events alone, <a href={href("/runs")}>see all runs</a>
          </span>
        )}
      </Card>
      <StoreCard told={told} ready={ready} />
      <ListenersCard held={listeners} />
      <ReplicasCard held={replicas} />
    </div>
  );
}

function StoreCard({ told, ready }: { told: Told; ready: Ready }) {
  const [text, state] = ready.problem ? ["✕ away", "bad"] : ready.data ? ["✓ ready", "good"] : ["…", ""];
  return (
    <Card title="Store" to={href("/admin")} figure={text} class={state}>
      <span>{ready.problem ? ready.problem.detail : told.backend}</span>
      <span>{told.store_bytes === null ? "its size is not known" : bytes(told.store_bytes)}</span>
    </Card>
  );
}

function ListenersCard({ held }: { held: Held<Listeners> }) {
  const told = held.data;
  const behind = told ? furthest(told) : 0;
  return (
    <Card title="Listeners" to={href("/admin")} figure={told ? brief(told.listeners.length) : held.problem ? "–" : "…"}>
      {held.problem && <span class="bad">{held.problem.detail}</span>}
      {told && (
        <span class={behind >= BEHIND ? "warn" : ""}>
          {behind === 0 ? "all were sent what is here" : `the furthest was not sent ${count(behind)}`}
        </span>
      )}
      {asOf.value !== null && <span>this is of now</span>}
    </Card>
  );
}

/** Nothing where the server was told of none. */
function ReplicasCard({ held }: { held: Held<readonly Replica[]> }) {
  const bad = held.data && worst(held.data);
  if (!bad) return null;
  return (
    <Card title="Replicas" to={href("/admin")} figure={lagOf(bad)} class={stateOf(bad)}>
      <span>
        {held.data!.length === 1 ? bad.name : `the worst of ${count(held.data!.length)} is ${bad.name}`}
      </span>
      {asOf.value !== null && <span>this is of now</span>}
    </Card>
  );
}

function Failures({ told }: { told: Told }) {
  return (
    <section>
      <h2>Newest failures</h2>
      {told.failures.length === 0 ? (
        <p class="quiet">None{told.operations.total === 0 && ": no operation ended in the last 24 hours"}.</p>
      ) : (
        <Table
          label="The newest operations that failed"
          columns={[
            { key: "command", title: "operation", cell: (row) => <Clip text={row.command} /> },
            { key: "status", title: "how", wide: true, cell: (row) => <Status status={row.status} /> },
            { key: "at", title: "when", cell: (row) => <Time at={row.timestamp} relative /> },
            { key: "event", title: "event", number: true, cell: (row) => <EventLink offset={row.offset} /> },
            { key: "error", title: "why", cell: (row) => <Why row={row} /> },
          ]}
          rows={told.failures}
          keyOf={(row) => row.offset}
          link={(row) => href("/operations", { status: row.status, op: row.offset })}
        />
      )}
    </section>
  );
}

function EventLink({ offset }: { offset: number }) {
  return <a href={href(`/events/${offset}`)}>{count(offset)}</a>;
}

function Why({ row }: { row: Schemas["Operation"] }) {
  const table = tableOf(row);
  return (
    <span class="why">
      {row.error_code && <code>{row.error_code}</code>} {row.error_message}
      {table && <span class="quiet"> {table}</span>}
    </span>
  );
}

function Runs({ told }: { told: Told }) {
  return (
    <section>
      <h2>Newest runs</h2>
      <Table
        label="The runs with the newest events"
        columns={[
          { key: "run", title: "run", cell: (run) => run.run_id },
          { key: "state", title: "state", cell: (run) => <RunState run={run} /> },
          { key: "events", title: "events", number: true, cell: (run) => count(run.events) },
          { key: "kind", title: "last event", wide: true, cell: (run) => <Clip text={run.last_kind} /> },
          { key: "at", title: "when", cell: (run) => <Time at={run.last_at} relative /> },
        ]}
        rows={told.runs.newest}
        keyOf={(run) => run.run_id}
        link={(run) => href(runPath(run.run_id))}
      />
    </section>
  );
}

const FIRST: readonly [says: string, words: string][] = [
  ["Record that something happened:", `append --run r-1 --kind order.placed --payload '{"order": 17}'`],
  ["Run a command and record how it went:", "record --operation load --writes in/orders -- sleep 1"],
  ["Bring what you have, one event a line:", "import events.jsonl --as-drafts"],
];

/** A ledger without events: what fills it. */
function Beginning() {
  return (
    <section class="empty beginning">
      <h2>Nothing is recorded yet</h2>
      <p>Three ways to begin. This page shows what comes as it comes.</p>
      <ol>
        {FIRST.map(([says, words]) => (
          <li key={words}>
            <p>{says}</p>
            <Command text={ledger(words)} />
          </li>
        ))}
      </ol>
      <Need />
    </section>
  );
}
