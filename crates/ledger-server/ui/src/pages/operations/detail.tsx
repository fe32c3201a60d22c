// One operation beside the list: all that its event says. It is read by its place in the ledger, so that its address can be sent.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { bytes, count, duration } from "../../lib/format.ts";
import { type Piece, counted, named, plain, sortOf, source, trusted, written } from "../../lib/json.ts";
import { asOf, change, here, href } from "../../lib/router.ts";
import { useRead } from "../../lib/use.ts";
import { Copy } from "../../parts/copy.tsx";
import { Empty, Shown } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { type Recorded, readOne } from "../events/read.ts";
import { tableOf } from "../lineage/words.ts";
import { Status } from "./columns.tsx";
import { type Told, toldOf } from "./told.ts";

const link = (name: "project" | "job" | "request") => (value: string) => (
  <a href={here({ [name]: value, op: null })} title={`only this ${name}`}>
    {value}
  </a>
);
const time = (value: string) => <Time at={value} />;
const micros = (value: string) => duration(Number(value) / 1_000);
const size = (value: string) => bytes(Number(value));

/** The fields in the order in which they are shown: what each is called, and how its text is written. */
const FIELDS: [string, string, ((value: string) => ComponentChildren)?][] = [
  ["duration_us", "took", micros],
  ["queue_wait_us", "waited before", micros],
  ["started_at", "began", time],
  ["finished_at", "ended", time],
  ["error_code", "error code"],
  ["project", "project", link("project")],
  ["branch", "branch"],
  ["rows_affected", "rows", counted],
  ["bytes_in", "bytes in", size],
  ["bytes_out", "bytes out", size],
  ["job", "job", link("job")],
  ["task", "task"],
  ["attempt", "attempt"],
  ["request_id", "request", link("request")],
  ["connection_job_id", "job of the connection"],
  ["connection_run_id", "run of the connection"],
  ["id", "id", (value) => <span class="mono">{value}</span>],
];

const close = () => change({ op: null });

export function Detail({ offset }: { offset: string }) {
  const panel = useRef<HTMLElement>(null);
  const before = useRef<Element | null>(null);
  const held = useRead(`event ${offset}`, (signal) => readOne(offset, signal));
  useEffect(() => {
    const focused = document.activeElement;
    if (!panel.current?.contains(focused)) before.current = focused;
    panel.current?.focus();
  }, [offset]);
  useEffect(() => {
    const escape = (event: KeyboardEvent) => event.key === "Escape" && !document.querySelector("dialog[open], .pop") && close();
    addEventListener("keydown", escape);
    return () => {
      removeEventListener("keydown", escape);
      if (before.current?.isConnected) (before.current as HTMLElement).focus({ preventScroll: true });
    };
  }, []);
  return (
    <aside class="op-detail" ref={panel} tabIndex={-1} aria-label={`Operation at ${offset}`}>
      <Shown held={held}>
        {(one) => (isLater(one.event.offset) ? <Later offset={one.event.offset} /> : <Facts one={one} />)}
      </Shown>
      <button type="button" class="plain op-close" onClick={close} aria-label="Close" title="Close (Esc)">
        ✕
      </button>
    </aside>
  );
}

/** Says whether an event was recorded after the time that the viewer looks at. */
export function isLater(offset: number): boolean {
  return asOf.value !== null && offset > Number(asOf.value);
}

function Later({ offset }: { offset: number }) {
  return (
    <>
      <h2>Event {count(offset)}</h2>
      <Empty>
        It was recorded later than offset {count(Number(asOf.value))}, which you look at the ledger as of.{" "}
        <a href={here({ as_of: offset })}>Look as of this event</a> or <a href={here({ as_of: null })}>go back to now</a>.
      </Empty>
    </>
  );
}

/** The inputs that are plain values, and all that is no field of an operation, each as it was written. */
export function exactly({ given, others }: Told, said: Map<string | number, Piece>) {
  const inputs = given.length > 0 ? named(said.get("inputs")!) : said;
  const valueOf = (input: Piece) => named(input).get("value") ?? input;
  const rest = Object.keys(others).map((name) => `${JSON.stringify(name)}:${source(said.get(name)!)}`);
  return {
    given: given.map((name): [string, string] => [name, written(valueOf(inputs.get(name)!))]),
    others: rest.length > 0 ? written(trusted(`{${rest.join(",")}}`), 2) : null,
  };
}

function Facts({ one: { event, payload } }: { one: Recorded }) {
  const told = toldOf(event.payload);
  const said = named(trusted(payload));
  const { given, others } = exactly(told, said);
  const status = told.status ?? (event.kind === "operation.started" ? null : undefined);
  return (
    <>
      <h2>{told.operation ?? event.kind}</h2>
      <p class="row">
        {status !== undefined && <Status status={status} />}
        <a href={href(`/events/${event.offset}`)}>event {count(event.offset)}</a>
        <a href={href(`/runs/${encodeURIComponent(event.run_id)}`)}>run {event.run_id}</a>
        <a href={href("/events", { actor: event.actor })}>by {event.actor}</a>
      </p>
      {!/^operation\.(started|finished)$/.test(event.kind) && <p class="quiet">This event is not one of an operation.</p>}
      {told.error && <pre class="op-error">{told.error}</pre>}
      <dl class="facts">
        <About told={told} />
        {FIELDS.filter(([name]) => name in told.facts).map(([name, label, write = String]) => (
          <div key={name}>
            <dt>{label}</dt>
            <dd>{write(textOf(said.get(name)!))}</dd>
          </div>
        ))}
      </dl>
      <Artifacts title="Read" names={told.reads} />
      <Artifacts title="Wrote" names={told.outputs} />
      <Named title="Made these columns of" values={told.columns.map(([name, of]) => [name, of.join(", ") || "plain values"])} />
      <Named title="Was given" values={given} />
      {told.sql && <Text title="What was run" text={told.sql} />}
      {told.metadata !== null && <Text title="Metadata" text={written(said.get("metadata")!, 2)} />}
      {others !== null && <Text title="Also said" text={others} />}
    </>
  );
}

function textOf(value: Piece): string {
  return sortOf(value) === "string" ? String(plain(value)) : source(value);
}

function About({ told }: { told: Told }) {
  const table = tableOf(told);
  if (table === null) return null;
  return (
    <div>
      <dt>table</dt>
      <dd>
        {table} <a href={href("/lineage", { of: table })}>lineage</a> <a href={here({ table, op: null })}>only this table</a>
      </dd>
    </div>
  );
}

function Artifacts({ title, names }: { title: string; names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="op-artifacts">
        {[...new Set(names)].map((name) => (
          <li key={name}>
            <a href={href("/lineage", { of: name })} title="lineage">
              {name}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

function Named({ title, values }: { title: string; values: readonly [string, string][] }) {
  if (values.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <dl class="facts">
        {values.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="mono">{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Text({ title, text }: { title: string; text: string }) {
  return (
    <>
      <div class="row spread op-text">
        <h3>{title}</h3>
        <Copy text={text} />
      </div>
      <pre>{text}</pre>
    </>
  );
}
