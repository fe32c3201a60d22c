// One session: its edits in lanes by Lamport time, who has reserved what, and what was done since the newest checkpoint.
import "./session.css";
import { useMemo, useState } from "preact/hooks";
import type { Schemas } from "../lib/api.ts";
import { count } from "../lib/format.ts";
import { counted, written } from "../lib/json.ts";
import { type Params, asOf, asOfWords, change, href, place, search } from "../lib/router.ts";
import { editCommand, ledger, need, operand } from "../lib/shell.ts";
import { type Held, useRead, useTick } from "../lib/use.ts";
import { Copy } from "../parts/copy.tsx";
import { Empty, Shown, Trouble } from "../parts/said.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { Drawing } from "./sessions/drawing.tsx";
import { lanesOf } from "./sessions/lanes.ts";
import { type Marked, marksOf } from "./sessions/marks.ts";
import { type Checkpoint, type Edited, type Looked, editsOf, readCheckpoints, readDelta, readSession } from "./sessions/read.ts";

const SHOWN = 200;

type Marks = ReadonlyMap<number, readonly Marked[]>;

const columnsOf = (marks: Marks): Column<Edited>[] => [
  { key: "offset", title: "Offset", number: true, cell: (edit) => count(edit.offset) },
  { key: "lamport", title: "Stamp", number: true, cell: (edit) => edit.lamport ?? "none" },
  { key: "actor", title: "Actor", cell: (edit) => edit.actor },
  { key: "domain", title: "Domain", cell: (edit) => edit.domain },
  { key: "edit", title: "Edit", cell: (edit) => <code>{written(edit.edit)}</code> },
  {
    key: "checkpoint",
    title: "Then checkpoint",
    cell: (edit) => marks.get(edit.offset)?.map(({ snapshot }) => snapshot).join(", "),
  },
  { key: "parents", title: "Parents", wide: true, cell: (edit) => <Parents ids={edit.parents} /> },
  { key: "at", title: "When", wide: true, cell: (edit) => <Time at={edit.at} /> },
];

function Parents({ ids }: { ids: readonly string[] }) {
  return (
    <>
      {ids.map((id) => (
        <a key={id} class="tag" href={href(`/events/${encodeURIComponent(id)}`)}>
          {id}
        </a>
      ))}
    </>
  );
}

/** Reads something of a session as of when the viewer looks, and again when the ledger has grown, unless that is the past. */
function useGrowing<T>(
  read: (session: string, params: Params, signal: AbortSignal) => Promise<T>,
  session: string,
  asked: Params,
  every: number,
): Held<T> {
  const params = { ...asked, as_of: asOf.value };
  const tick = useTick(asOf.value === null ? every : 0);
  const question = `${session}${search(params)}`;
  return useRead(`${question}#${tick}`, (signal) => read(session, params, signal), question);
}

export function SessionPage({ name }: { name: string }) {
  const asked = place.value.params.get("most") ?? "";
  const most = /^\d+$/.test(asked) ? Number(asked) : SHOWN;
  const held = useGrowing(readSession, name, { most }, 1_000);
  return (
    <>
      <h1>Session {name}</h1>
      <p class="row">
        <a href={href("/events", { session: name })}>its events</a>
        <Copy text={ledger("session", operand(name))} label="copy as CLI" title={need()} />
      </p>
      {held.problem?.status === 404 ? (
        <Unknown name={name} />
      ) : (
        <Shown held={held}>{(looked) => <Whole looked={looked} most={most} />}</Shown>
      )}
    </>
  );
}

function Unknown({ name }: { name: string }) {
  return (
    <Empty command={asOf.value === null ? editCommand(name) : undefined}>
      No event names this session{asOfWords()}. <a href={href("/sessions")}>Show all sessions</a>.
    </Empty>
  );
}

function Whole({ looked, most }: { looked: Looked; most: number }) {
  const { session } = looked.overview;
  const shown = place.value.params.get("domain") ?? Object.keys(session.domains)[0] ?? null;
  const listed = useGrowing(readCheckpoints, session.session_id, { limit: 20 }, 2_000);
  const marked = useMarked(listed.data, session.checkpoint);
  return (
    <>
      <Facts looked={looked} />
      <h2>Edits in causal order</h2>
      {looked.overview.edits.length > 0 ? (
        <Edits looked={looked} most={most} checkpoints={marked} />
      ) : (
        <Empty>None of its events is an edit.</Empty>
      )}
      <Claims overview={looked.overview} />
      {shown && <Delta session={session.session_id} domains={Object.keys(session.domains)} domain={shown} />}
      <Checkpoints held={listed} />
    </>
  );
}

/** The checkpoints that are marked: until the list is read, the newest. They are the same objects while they say the same. */
function useMarked(listed: readonly Checkpoint[] | null, newest: Marked | null): readonly Marked[] {
  const shown = listed ?? (newest ? [newest] : []);
  const marked = shown.map(({ snapshot, operations, offset }) => ({ snapshot, operations, offset }));
  return useMemo(() => marked, [JSON.stringify(marked)]);
}

function Facts({ looked }: { looked: Looked }) {
  const { session } = looked.overview;
  const checkpoint = session.checkpoint;
  return (
    <dl class="facts">
      <dt>Actors</dt>
      <dd>{session.actors.join(", ")}</dd>
      <dt>Edits</dt>
      <dd>
        {count(session.operations)} of {count(session.events)} events, highest stamp {counted(looked.lamport)}
        {session.malformed > 0 && <span class="bad">, {count(session.malformed)} cannot be read</span>}
      </dd>
      <dt>From, to</dt>
      <dd>
        <Time at={session.first_at} /> to <Time at={session.last_at} />
      </dd>
      <dt>Newest checkpoint</dt>
      <dd>
        {checkpoint ? (
          <>
            {checkpoint.snapshot}: {count(checkpoint.operations)} edits, up to offset{" "}
            <a href={href(`/events/${checkpoint.offset}`)}>{count(checkpoint.offset)}</a>
          </>
        ) : (
          "none"
        )}
      </dd>
    </dl>
  );
}

function Edits({ looked, most, checkpoints }: { looked: Looked; most: number; checkpoints: readonly Marked[] }) {
  const { session } = looked.overview;
  // All is read anew as the ledger grows, and is mostly what it was: thousands of edits take long to lay out.
  const edits = useMemo(() => editsOf(looked), [looked.edits]);
  const lanes = useMemo(() => lanesOf(edits, session.actors), [edits, JSON.stringify(session.actors)]);
  const at = place.value.params.get("at") ?? "";
  const named = /^\d{1,15}$/.test(at) ? Number(at) : null;
  const drawn = useMemo(() => {
    const marks = marksOf(lanes.edits, checkpoints);
    return (
      <>
        <Drawing session={session.session_id} lanes={lanes} marks={marks} named={named} />
        {marks.size > 0 && (
          <p class="quiet">
            <span class="checkpoint-sign">◆</span> a checkpoint, behind the last edit that it includes
          </p>
        )}
        <AsTable edits={edits} marks={marks} />
      </>
    );
  }, [lanes, checkpoints, named]);
  const missing = named !== null && !edits.some(({ offset }) => offset === named);
  return (
    <>
      {missing && <p role="status">The edit at offset {count(named)} is not among those shown.</p>}
      {session.operations > edits.length && (
        <p class="quiet">
          The newest {count(edits.length)} of {count(session.operations)}.{" "}
          {most < 10_000 && <button onClick={() => change({ most: Math.min(10_000, most * 5) })}>Show more</button>}
        </p>
      )}
      {drawn}
    </>
  );
}

/** The edits for those who cannot see the lanes. The table is made when it is opened: it takes longer than all the rest. */
function AsTable({ edits, marks }: { edits: readonly Edited[]; marks: Marks }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>As a table</summary>
      {open && (
        <Table
          label="Edits in causal order"
          columns={columnsOf(marks)}
          rows={edits}
          keyOf={(edit) => edit.offset}
          link={(edit) => href(`/events/${edit.offset}`)}
        />
      )}
    </details>
  );
}

function Claims({ overview }: { overview: Schemas["Overview"] }) {
  const inConflict = new Set(overview.claims_in_conflict.flat());
  if (overview.claims.length === 0) return null;
  return (
    <>
      <h2>Intents and reservations</h2>
      <ul>
        {overview.claims.map((claim) => (
          <li key={claim.id}>
            <a href={href(`/events/${claim.offset}`)}>{claim.actor}</a>{" "}
            {claim.firmness === "reservation" ? "has reserved" : "means to edit"} {claim.targets.join(", ") || "all"} in{" "}
            {claim.domain}, until <Time at={claim.expires_at} />
            {claim.note && <span class="quiet"> ({claim.note})</span>}
            {inConflict.has(claim.id) && <strong class="bad"> in conflict with another</strong>}
          </li>
        ))}
      </ul>
    </>
  );
}

/** What was done to a domain since the newest checkpoint. */
function Delta({ session, domains, domain }: { session: string; domains: string[]; domain: string }) {
  const held = useGrowing(readDelta, session, { domain }, 2_000);
  return (
    <>
      <h2>Since the newest checkpoint</h2>
      <label class="inline">
        Domain
        <select value={domain} onChange={(event) => change({ domain: event.currentTarget.value }, "replace")}>
          {domains.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <Shown held={held}>
        {(delta) => (
          <>
            <p>
              {delta.changes.length === 0 ? "Nothing to do." : delta.summary}{" "}
              <span class="quiet">
                {count(delta.operations)} edits after offset {count(delta.after)}
              </span>
            </p>
            <ol class="changes">
              {delta.changes.slice(0, 200).map((one) => (
                <li key={one.of.join()}>
                  <code>{one.edit}</code> <Parents ids={one.of} />
                </li>
              ))}
            </ol>
            {delta.changes.length > 200 && <p class="quiet">and {count(delta.changes.length - 200)} more</p>}
          </>
        )}
      </Shown>
    </>
  );
}

function Checkpoints({ held: { data, problem, reload } }: { held: Held<Checkpoint[]> }) {
  if (!problem && !data?.length) return null;
  return (
    <>
      <h2>Checkpoints</h2>
      {problem && <Trouble problem={problem} again={reload} />}
      {data && data.length > 0 && (
        <Table
          label="Checkpoints, the newest first"
          rows={data}
          keyOf={(checkpoint) => checkpoint.snapshot}
          link={(checkpoint) => href(`/events/${checkpoint.offset}`)}
          columns={[
            { key: "snapshot", title: "Snapshot", cell: (checkpoint) => checkpoint.snapshot },
            { key: "edits", title: "Edits", number: true, cell: (checkpoint) => count(checkpoint.operations) },
            { key: "lamport", title: "Stamp", number: true, cell: (checkpoint) => counted(checkpoint.lamport) },
            { key: "offset", title: "Up to", number: true, cell: (checkpoint) => count(checkpoint.offset) },
          ]}
        />
      )}
    </>
  );
}
