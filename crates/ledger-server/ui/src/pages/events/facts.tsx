// All that an event's envelope says.
import type { ComponentChildren } from "preact";
import { duration, millis } from "../../lib/format.ts";
import { href } from "../../lib/router.ts";
import { Copy } from "../../parts/copy.tsx";
import { Time } from "../../parts/time.tsx";
import { runPath } from "../runs/said.tsx";
import { startsOf } from "./facets.tsx";
import type { Event, Recorded } from "./read.ts";

export function Facts({ one }: { one: Recorded }) {
  const { event, lamport } = one;
  return (
    <section>
      <h2>Facts</h2>
      <dl class="facts">
        <Fact name="Offset">
          {event.offset} <Copy text={String(event.offset)} />
        </Fact>
        <Fact name="Id">
          <code>{event.id}</code> <Copy text={event.id} />
        </Fact>
        <Fact name="Kind">
          <a href={href("/events", { kind: event.kind })}>{event.kind}</a>
          {startsOf(event.kind).map((start) => (
            <a key={start} class="chip" href={href("/events", { kind: start })}>
              {start}
            </a>
          ))}
        </Fact>
        <Fact name="Run">
          <a href={href(runPath(event.run_id))}>{event.run_id}</a>, step {event.turn}
          <a class="chip" href={href("/events", { run: event.run_id })}>
            its events
          </a>
        </Fact>
        <Fact name="Actor">
          <a href={href("/events", { actor: event.actor })}>{event.actor}</a>
        </Fact>
        <Fact name="Session">
          {event.session_id && <a href={sessionPath(event.session_id, event)}>{event.session_id}</a>}
        </Fact>
        <When event={event} />
        <Fact name="Tags">
          {event.tags.map((tag) => (
            <a key={tag} class="tag" href={href("/events", { tag })}>
              {tag}
            </a>
          ))}
        </Fact>
        <Lineage tags={event.tags} word="reads" name="Reads" />
        <Lineage tags={event.tags} word="writes" name="Writes" />
        <Fact name="Parents">
          {event.parents.map((id) => (
            <a key={id} class="tag" href={href(`/events/${encodeURIComponent(id)}`, { by: /^\d+$/.test(id) && "id" })}>
              {id}
            </a>
          ))}
        </Fact>
        <Fact name="Lamport stamp">{lamport}</Fact>
        <Fact name="Shape version">{event.schema_version}</Fact>
        <Fact name="Model">{event.model_id}</Fact>
        <Fact name="Model profile">{event.model_profile}</Fact>
      </dl>
    </section>
  );
}

/** Where a session is shown; for one of its edits, with that edit in sight. */
export function sessionPath(session: string, { kind, offset }: Pick<Event, "kind" | "offset">): string {
  return href(`/sessions/${encodeURIComponent(session)}`, { at: kind === "session.operation" && offset });
}

/** What an operation reads or writes, as its tags say, and where each came from. */
function Lineage({ tags, word, name }: { tags: readonly string[]; word: string; name: string }) {
  const artifacts = tags.filter((tag) => tag.startsWith(`${word}:`)).map((tag) => tag.slice(word.length + 1));
  if (artifacts.length === 0) return null;
  return (
    <Fact name={name}>
      {artifacts.map((artifact) => (
        <a key={artifact} class="chip" href={href("/lineage", { of: artifact })} title={`The lineage of ${artifact}`}>
          {artifact}
        </a>
      ))}
    </Fact>
  );
}

function When({ event }: { event: Event }) {
  const later = millis(event.recorded_at) - millis(event.created_at);
  return (
    <>
      <Fact name="Happened">
        <Exact at={event.created_at} />
      </Fact>
      <Fact name="Recorded">
        <Exact at={event.recorded_at} />
        {later > 0 && <span class="quiet"> {duration(later)} later</span>}
        {later < 0 && <span class="quiet"> {duration(-later)} before that, by the ledger's clock</span>}
      </Fact>
    </>
  );
}

function Exact({ at }: { at: string }) {
  return (
    <>
      <Time at={at} /> <code class="quiet">{at}</code>
    </>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  const none = children === null || children === undefined || (Array.isArray(children) && children.length === 0);
  return (
    <>
      <dt>{name}</dt>
      <dd>{none ? <span class="quiet">none</span> : children}</dd>
    </>
  );
}
