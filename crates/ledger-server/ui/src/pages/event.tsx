// One event: what it says, what is known of it, what led to it and what it led to.
import "./event.css";
import { useEffect, useState } from "preact/hooks";
import { type Problem, signedIn } from "../lib/api.ts";
import { count } from "../lib/format.ts";
import { head } from "../lib/live.ts";
import { asOf, go, href, place } from "../lib/router.ts";
import { useRead } from "../lib/use.ts";
import { Copy } from "../parts/copy.tsx";
import { Empty, Shown } from "../parts/said.tsx";
import { Around } from "./events/around.tsx";
import { Chain } from "./events/chain.tsx";
import { Facts } from "./events/facts.tsx";
import { Payload } from "./events/payload.tsx";
import { type Recorded, readOne, readPage } from "./events/read.ts";
import { appendCommand, curlCommand, need, showCommand } from "../lib/shell.ts";
import { isTyped } from "../shell/keys.ts";

/** Neighbours that were read to know their offsets: who steps to one sees it at once. */
const near = new Map<string, Recorded>();
const NEAR = 40;

function remember(one: Recorded | null): void {
  if (!one) return;
  near.set(String(one.event.offset), one);
  if (near.size > NEAR) near.delete(near.keys().next().value!);
}

export function EventPage({ name }: { name: string }) {
  // A number is an offset, unless the address says that it is an id.
  const byId = place.value.params.get("by") === "id";
  const held = useRead(`event ${byId} ${name}`, (signal) => readOne(name, signal, byId));
  const shown = { ...held, data: held.data ?? (held.problem || byId ? null : (near.get(name) ?? null)) };
  const offset = shown.data?.event.offset ?? (/^\d{1,15}$/.test(name) && !byId ? Number(name) : null);
  return (
    <>
      {!shown.data && <h1>Event {name}</h1>}
      {offset !== null && <Steps offset={offset} />}
      {held.problem?.status === 404 ? (
        <Nowhere name={name} problem={held.problem} />
      ) : (
        <Shown held={shown}>{(one) => <Whole one={one} />}</Shown>
      )}
    </>
  );
}

function Nowhere({ name, problem }: { name: string; problem: Problem }) {
  return (
    <Empty>
      {problem.detail}: <code>{name}</code>. It was pruned, or never recorded in this ledger.
    </Empty>
  );
}

function Whole({ one }: { one: Recorded }) {
  const { event } = one;
  const at = asOf.value;
  if (at !== null && event.offset > Number(at)) {
    return (
      <>
        <h1>Event {event.offset}</h1>
        <Empty>
          It was recorded later than offset {count(Number(at))}, which you look at the ledger as of.{" "}
          <a href={href(`/events/${event.offset}`, { as_of: event.offset })}>Look as of this event</a> or{" "}
          <a href={href(`/events/${event.offset}`, { as_of: null })}>go back to now</a>.
        </Empty>
      </>
    );
  }
  return (
    <>
      <h1>
        Event {event.offset} <span class="event-kind">{event.kind}</span>
      </h1>
      <Tools one={one} />
      <div class="event-halves">
        <Payload one={one} />
        <Facts one={one} />
      </div>
      <div class="columns">
        <Chain offset={event.offset} />
        <Around event={event} />
      </div>
    </>
  );
}

function Tools({ one }: { one: Recorded }) {
  const { offset } = one.event;
  return (
    <div class="row" role="group" aria-label="Take it elsewhere">
      <a class="button" href={href(`/events/${offset}`, { as_of: offset })}>
        Look as of here
      </a>
      <a class="button" href={href("/events", { at: offset })}>
        Show in the log
      </a>
      <Copy label="copy link" text={() => location.origin + href(`/events/${offset}`)} />
      <Copy label="copy as curl" text={() => curlCommand(offset, location.origin, signedIn.value?.auth === "token")} />
      <Copy label="copy ledger show" title={need()} text={() => showCommand(one)} />
      <Copy label="copy ledger append" title={need()} text={() => appendCommand(one)} />
      <Copy label="copy as JSONL" text={one.line} />
    </div>
  );
}

/** Reads the events next to an offset, whichever offsets have none. */
async function nextTo(offset: number, signal: AbortSignal): Promise<{ before: Recorded | null; after: Recorded | null }> {
  const up_to = asOf.value;
  const before = up_to === null ? offset - 1 : Math.min(offset - 1, Number(up_to));
  const [past, coming] = await Promise.all([
    before > 0 ? readPage({ order: "desc", up_to: before, limit: 1 }, signal) : null,
    readPage({ after: offset, up_to, limit: 1 }, signal),
  ]);
  return { before: past?.events[0] ?? null, after: coming.events[0] ?? null };
}

function Steps({ offset }: { offset: number }) {
  const [open, setOpen] = useState(false);
  const question = `next to ${offset} ${asOf.value}`;
  // Only the newest event has none after it, until one is appended.
  const grown = open && asOf.value === null ? head.value : null;
  const { data } = useRead(`${question} ${grown}`, (signal) => nextTo(offset, signal), question);
  const [before, after] = [data?.before ?? null, data?.after ?? null];
  useEffect(() => {
    remember(before);
    remember(after);
    setOpen(data !== null && after === null);
  }, [data]);
  const step = (one: Recorded | null) => one && href(`/events/${one.event.offset}`);
  useKeys({ "[": step(before), "]": step(after) });
  return (
    <nav class="row steps" aria-label="Events next to it">
      <Step to={step(before)} shown={`← ${before?.event.offset ?? "none before"}`} says="Event before" sign="[" />
      <Step to={step(after)} shown={`${after?.event.offset ?? "none after"} →`} says="Event after" sign="]" />
    </nav>
  );
}

function Step({ to, shown, says, sign }: { to: string | null; shown: string; says: string; sign: string }) {
  if (!to) return <span class="quiet">{shown}</span>;
  return (
    <a href={to} title={`${says} (${sign})`} aria-label={`${says}: ${shown.replace(/[←→ ]/g, "")}`}>
      {shown} <kbd>{sign}</kbd>
    </a>
  );
}

/** Keys that go somewhere. They take the place of this page, so that the way back stays short. */
function useKeys(keys: Record<string, string | null>): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const to = keys[event.key];
      // Where brackets are written with AltGr, that counts as Ctrl and Alt.
      const plain = !event.metaKey && (!event.ctrlKey || event.getModifierState("AltGraph"));
      if (!to || !plain || event.defaultPrevented || isTyped(event)) return;
      event.preventDefault();
      go(to, "replace");
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}
