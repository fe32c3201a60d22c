// What the ledger knows of an artifact as a whole, and the last operations that wrote it.
import type { Schemas } from "../../lib/api.ts";
import { count, duration, millis } from "../../lib/format.ts";
import { href } from "../../lib/router.ts";
import { Shown } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { runPath } from "../runs/said.tsx";
import { useArtifact, useOperations } from "./read.ts";
import { type Ran, ranOf, tableOf, verdictOf } from "./words.ts";

type Artifact = Schemas["JudgedArtifact"];

export function Facts({ name }: { name: string }) {
  const held = useArtifact(name);
  return (
    <Shown held={held}>
      {({ artifact }) =>
        artifact ? <Known artifact={artifact} /> : <p class="quiet">No operation and no note names it as an artifact.</p>
      }
    </Shown>
  );
}

function Known({ artifact }: { artifact: Artifact }) {
  const { scope, job, task, attempt, created, pins, in_use } = artifact;
  const owner = [job && `job ${job}`, task && `task ${task}`, attempt !== null && `try ${attempt}`].filter(Boolean);
  return (
    <dl class="facts">
      <dt>kept</dt>
      <dd>{verdictOf(artifact)}</dd>
      {scope && (
        <>
          <dt>scope</dt>
          <dd>{scope}</dd>
        </>
      )}
      {owner.length > 0 && (
        <>
          <dt>owner</dt>
          <dd>
            {job ? <a href={href("/events", { tag: `job:${job}` })}>{owner.join(", ")}</a> : owner.join(", ")}
          </dd>
        </>
      )}
      <dt>written</dt>
      <dd>
        {times(artifact.written)} <All word="writes" name={artifact.artifact} />
      </dd>
      <dt>read</dt>
      <dd>
        {times(artifact.read)} <All word="reads" name={artifact.artifact} />
      </dd>
      <dt>first, last</dt>
      <dd>
        <Time at={artifact.first_at} />, <Time at={artifact.last_at} relative />
      </dd>
      {created !== null && (
        <>
          <dt>created</dt>
          <dd>
            <a href={href(`/events/${created}`)}>event {created}</a>
          </dd>
        </>
      )}
      {(pins > 0 || in_use.length > 0) && (
        <>
          <dt>in use</dt>
          <dd>
            {count(pins)} {pins === 1 ? "pin" : "pins"}, {count(in_use.length)} running
          </dd>
        </>
      )}
    </dl>
  );
}

/** Only those that ended well count. No filter says that: failed ones are in the list, too. */
function All({ word, name }: { word: "reads" | "writes"; name: string }) {
  const address = href("/events", { tag: `${word}:${name}`, kind: "operation.finished" });
  return (
    <a href={address} title="Counted are those that ended well; the list has those that failed, too">
      show, with failed ones
    </a>
  );
}

function times(of: number): string {
  return of === 1 ? "once" : of === 0 ? "never" : `${count(of)} times`;
}

export function Writes({ name }: { name: string }) {
  const held = useOperations("writes", name, 5);
  return (
    <>
      <h3>Last written by</h3>
      <Shown held={held}>
        {(events) => (
          <ul class="lineage-list">
            {events.map((event) => (
              <Write key={event.offset} event={event} />
            ))}
            {events.length === 0 && <li class="quiet">nothing that is still recorded</li>}
            {tablesOf(events).map((table) => (
              <li key={table}>
                <a href={href("/operations", { table })}>Operation log of {table}</a>
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </>
  );
}

/** The tables that operations are about, each once. */
function tablesOf(events: readonly Schemas["Event"][]): string[] {
  return [...new Set(events.flatMap((event) => tableOf(ranOf(event.payload)) ?? []))];
}

function Write({ event }: { event: Schemas["Event"] }) {
  const ran = ranOf(event.payload);
  return (
    <li>
      <a href={href(`/events/${event.offset}`)}>{ran.operation ?? event.kind}</a> <Outcome ran={ran} />{" "}
      <Time at={ran.finished_at ?? event.created_at} relative />
      <span class="quiet">
        {tookOf(ran)} · <a href={href(runPath(event.run_id))}>{event.run_id}</a>
      </span>
    </li>
  );
}

function Outcome({ ran }: { ran: Ran }) {
  if (!ran.status) return null;
  return <span class={ran.status === "success" ? "good" : "bad"}>{ran.status}</span>;
}

function tookOf({ started_at, finished_at }: Ran): string {
  return started_at && finished_at ? ` in ${duration(millis(finished_at) - millis(started_at))}` : "";
}
