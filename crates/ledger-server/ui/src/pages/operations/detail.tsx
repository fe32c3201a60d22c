// One operation beside the list: all that its event says. It is read by its place in the ledger, so that its address can be sent.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Schemas } from "../../lib/api.ts";
import { bytes, count, duration } from "../../lib/format.ts";
import { change, href } from "../../lib/router.ts";
import { useGet } from "../../lib/use.ts";
import { Copy } from "../../parts/copy.tsx";
import { Shown } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { tableOf } from "../lineage/words.ts";
import { here } from "./asked.ts";
import { Status } from "./columns.tsx";
import { type Told, toldOf } from "./told.ts";

const link = (name: "project" | "job" | "request") => (value: unknown) => (
  <a href={here({ [name]: String(value), op: null })} title={`only this ${name}`}>
    {String(value)}
  </a>
);
const time = (value: unknown) => <Time at={String(value)} />;
const micros = (value: unknown) => duration(Number(value) / 1_000);

/** The fields in the order in which they are shown: what each is called, and how it is written. */
const FIELDS: [string, string, ((value: unknown) => ComponentChildren)?][] = [
  ["duration_us", "took", micros],
  ["queue_wait_us", "waited before", micros],
  ["started_at", "began", time],
  ["finished_at", "ended", time],
  ["error_code", "error code"],
  ["project", "project", link("project")],
  ["branch", "branch"],
  ["rows_affected", "rows", (value) => count(Number(value))],
  ["bytes_in", "bytes in", (value) => bytes(Number(value))],
  ["bytes_out", "bytes out", (value) => bytes(Number(value))],
  ["job", "job", link("job")],
  ["task", "task"],
  ["attempt", "attempt"],
  ["request_id", "request", link("request")],
  ["connection_job_id", "job of the connection"],
  ["connection_run_id", "run of the connection"],
  ["id", "id", (value) => <span class="mono">{String(value)}</span>],
];

const close = () => change({ op: null });

export function Detail({ offset }: { offset: string }) {
  const panel = useRef<HTMLElement>(null);
  const before = useRef<Element | null>(null);
  const held = useGet("/api/v1/events/{which}", {}, { which: offset }, { asOf: false });
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
      <Shown held={held}>{(event) => <Facts event={event} />}</Shown>
      <button type="button" class="plain op-close" onClick={close} aria-label="Close" title="Close (Esc)">
        ✕
      </button>
    </aside>
  );
}

function Facts({ event }: { event: Schemas["Event"] }) {
  const told = toldOf(event.payload);
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
        {FIELDS.filter(([name]) => name in told.facts).map(([name, label, write]) => (
          <div key={name}>
            <dt>{label}</dt>
            <dd>{write ? write(told.facts[name]) : String(told.facts[name])}</dd>
          </div>
        ))}
      </dl>
      <Artifacts title="Read" names={told.reads} />
      <Artifacts title="Wrote" names={told.outputs} />
      <Named title="Made these columns of" values={told.columns.map(([name, of]) => [name, of.join(", ") || "plain values"])} />
      <Named title="Was given" values={told.given} />
      {told.sql && <Text title="What was run" text={told.sql} />}
      {told.metadata !== null && <Text title="Metadata" text={JSON.stringify(told.metadata, null, 2)} />}
      {Object.keys(told.others).length > 0 && <Text title="Also said" text={JSON.stringify(told.others, null, 2)} />}
    </>
  );
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
