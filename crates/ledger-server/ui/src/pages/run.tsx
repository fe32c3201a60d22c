// One run: what it is, what happened in it over time, what it read and wrote, and its events.
import "./runs.css";
import { useEffect, useMemo } from "preact/hooks";
import { count, duration } from "../lib/format.ts";
import { asOf, asOfWords, here, href, place } from "../lib/router.ts";
import { ledger, option } from "../lib/shell.ts";
import { useGet } from "../lib/use.ts";
import { Copy } from "../parts/copy.tsx";
import { Empty, Trouble } from "../parts/said.tsx";
import { type Column, LongTable } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { ArtifactsOf } from "./runs/artifacts.tsx";
import { type Event, type Operation, isFailure, operationsOf, usesOf } from "./runs/operations.ts";
import { PickRun } from "./runs/picker.tsx";
import { Actors, type Run, RunState } from "./runs/said.tsx";
import { plainLength } from "./runs/ticks.ts";
import { exact, spanOf } from "./runs/time.ts";
import { Timeline } from "./runs/timeline.tsx";
import { type RunEvents, useRunEvents } from "./runs/use-run-events.ts";

/** How many events the timeline has at most. */
const DRAWN = 5_000;
/** How many sessions are named. */
const SESSIONS = 20;

export function RunPage({ name }: { name: string }) {
  const newest = place.value.params.get("order") === "desc";
  const held = useGet("/api/v1/runs/{run}", {}, { run: name }, { live: 1_000 });
  const events = useRunEvents(name, newest);
  return (
    <>
      <header class="row spread run-head">
        <h1>
          <span class="quiet">Run</span> {name}
        </h1>
        <span class="row">
          <Copy text={name} label="copy its name" />
          <PickRun
            label="Compare with…"
            title={`Compare ${name} with`}
            but={name}
            to={(other) => href("/compare", { a: name, b: other })}
          />
        </span>
      </header>
      {held.problem?.status === 404 ? (
        <Unknown name={name} />
      ) : (
        <>
          {held.problem && <Trouble problem={held.problem} again={held.reload} />}
          {!held.data && !held.problem && <p class="quiet loading">reading…</p>}
          {held.data && <Body run={held.data} read={events} newest={newest} />}
        </>
      )}
    </>
  );
}

function Unknown({ name }: { name: string }) {
  const past = asOf.value !== null;
  return (
    <Empty command={past ? undefined : ledger("append", option("run", name), `--kind run.started --payload '{"goal":"load"}'`)}>
      No event names this run{asOfWords()}. {!past && "An event that does makes it be there. "}
      <a href={href("/runs")}>Show all runs</a>.
    </Empty>
  );
}

function Body({ run, read, newest }: { run: Run; read: RunEvents; newest: boolean }) {
  const { events, more } = read;
  useEffect(() => {
    if (events.length < DRAWN) more?.();
  }, [events.length, more]);
  const drawn = useMemo(() => {
    const part = events.slice(0, DRAWN);
    return operationsOf(newest ? part.toReversed() : part);
  }, [events, newest]);
  const uses = useMemo(() => usesOf(drawn.operations), [drawn]);
  const part = Math.min(events.length, DRAWN);
  const cut = part < run.events && (part >= DRAWN || read.problem !== null);
  const partly = cut ? `${newest ? "the newest" : "the first"} ${count(part)} of ${count(run.events)} events` : null;
  return (
    <>
      <Summary run={run} operations={drawn.operations} events={events} partly={partly} />
      <h2>Over time</h2>
      {events.length > 0 ? <Timeline {...drawn} /> : !read.problem && <p class="quiet loading">reading…</p>}
      <h2>Artifacts</h2>
      {uses.length > 0 ? (
        <ArtifactsOf uses={uses} />
      ) : (
        <p class="quiet">No operation of this run reads or writes anything.</p>
      )}
      <Listed run={run} read={read} newest={newest} hasFailed={drawn.operations.some(({ event }) => isFailure(event))} />
    </>
  );
}

function Summary(props: { run: Run; operations: readonly Operation[]; events: readonly Event[]; partly: string | null }) {
  const { run, operations, events, partly } = props;
  const { from, to } = spanOf(run);
  const failures = useMemo(() => events.slice(0, DRAWN).filter(isFailure).length, [events]);
  const rows = operations.reduce((sum, operation) => sum + (operation.rows ?? 0), 0);
  return (
    <>
      <div class="cards">
        <Card title="State">
          <RunState run={run} />
        </Card>
        <Card title="Events" figure>
          <a href={href("/events", { run: run.run_id })}>{count(run.events)}</a>
        </Card>
        <Card title="Duration" figure>
          {duration(to - from)}
        </Card>
        <Card title="Operations" figure>
          {count(operations.length)}
        </Card>
        <Card title="Failures" figure>
          <span class={failures > 0 ? "bad" : ""}>
            {failures > 0 && <span aria-hidden="true">✕ </span>}
            {count(failures)}
          </span>
        </Card>
        <Card title="Rows changed" figure>
          {count(rows)}
        </Card>
      </div>
      {partly && <p class="quiet">All but the state, the events and the duration is of {partly}.</p>}
      <Facts run={run} events={events} />
    </>
  );
}

function Facts({ run, events }: { run: Run; events: readonly Event[] }) {
  const sessions = useMemo(() => [...new Set(events.flatMap((event) => event.session_id ?? []))], [events]);
  return (
    <dl class="facts run-facts">
      <dt>First event</dt>
      <dd>
        <a href={href(`/events/${run.first_offset}`)}>
          <Time at={run.first_at} />
        </a>
      </dd>
      <dt>Last event</dt>
      <dd>
        <a href={href(`/events/${run.last_offset}`)}>
          <Time at={run.last_at} /> <span class="mono">{run.last_kind}</span>
        </a>
      </dd>
      {run.reason && <dt>Reason of its end</dt>}
      {run.reason && <dd>{run.reason}</dd>}
      <dt>Actors</dt>
      <dd>
        <Actors run={run} most={100} />
      </dd>
      {sessions.length > 0 && <dt>Sessions</dt>}
      {sessions.length > 0 && (
        <dd class="run-actors">
          {sessions.slice(0, SESSIONS).map((session) => (
            <a key={session} class="tag" href={href(`/sessions/${encodeURIComponent(session)}`)}>
              {session}
            </a>
          ))}
          {sessions.length > SESSIONS && <span class="quiet"> and {count(sessions.length - SESSIONS)} more</span>}
        </dd>
      )}
    </dl>
  );
}

function Card(props: { title: string; figure?: boolean; children: preact.ComponentChildren }) {
  return (
    <div class="card">
      <h2>{props.title}</h2>
      <div class={props.figure ? "figure" : ""}>{props.children}</div>
    </div>
  );
}

function columnsOf(start: number): Column<Event>[] {
  return [
    { key: "offset", title: "Offset", width: "4.5rem", number: true, cell: (event) => event.offset },
    { key: "since", title: "Since start", width: "6.5rem", number: true, cell: (event) => <Since event={event} start={start} /> },
    { key: "kind", title: "Kind", width: "minmax(8rem, 1fr)", cell: (event) => <Kind event={event} /> },
    { key: "actor", title: "Actor", width: "minmax(6rem, .6fr)", wide: true, cell: (event) => event.actor },
    { key: "turn", title: "Turn", width: "4rem", number: true, wide: true, cell: (event) => event.turn },
    { key: "time", title: "Time", width: "11rem", wide: true, cell: (event) => <Time at={event.created_at} /> },
    { key: "payload", title: "Payload", width: "minmax(10rem, 2.5fr)", wide: true, cell: (event) => <code>{brief(event)}</code> },
  ];
}

function Kind({ event }: { event: Event }) {
  return (
    <span class="mono">
      {isFailure(event) && (
        <span class="bad" title="failed">
          ✕{" "}
        </span>
      )}
      {event.kind}
    </span>
  );
}

function Since({ event, start }: { event: Event; start: number }) {
  return <>{plainLength(exact(event.created_at) - start)}</>;
}

function brief(event: Event): string {
  return JSON.stringify(event.payload).slice(0, 300);
}

/** The tags of operations that did not end well. */
const BADLY = ["status:error", "status:timeout"];

function Listed(props: { run: Run; read: RunEvents; newest: boolean; hasFailed: boolean }) {
  const { run, read, newest, hasFailed } = props;
  const start = spanOf(run).from;
  const columns = useMemo(() => columnsOf(start), [start]);
  return (
    <>
      <div class="row spread">
        <h2 id="run-events">Events</h2>
        <span class="row">
          <a href={here({ order: newest ? null : "desc" })}>{newest ? "Oldest first" : "Newest first"}</a>
          {hasFailed && <a href={href("/events", { run: run.run_id, any_tag: BADLY })}>Failed operations</a>}
          <a href={href("/events", { run: run.run_id })}>Filter them</a>
        </span>
      </div>
      {read.problem && <Trouble problem={read.problem} again={read.again} />}
      <LongTable
        label={`Events of ${run.run_id}, ${newest ? "the newest" : "the oldest"} first`}
        columns={columns}
        rows={read.events}
        keyOf={(event) => event.offset}
        link={(event) => href(`/events/${event.offset}`)}
        class={(event) => (isFailure(event) ? "bad" : "")}
        more={read.more}
        foot={
          read.whole
            ? `all ${count(read.events.length)} events`
            : `${count(read.events.length)} of ${count(run.events)} events; the rest is read as you scroll`
        }
      />
    </>
  );
}
