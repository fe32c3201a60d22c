// The sessions: who edits together, and how far each has come.
import { count } from "../lib/format.ts";
import { counted } from "../lib/json.ts";
import { asOf, asOfWords, change, href, place, search } from "../lib/router.ts";
import { editCommand } from "../lib/shell.ts";
import { useRead, useTick } from "../lib/use.ts";
import { Pager } from "../parts/pager.tsx";
import { Empty, Shown } from "../parts/said.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { type Session, readSessions } from "./sessions/read.ts";

const PART = 50;

const columns: Column<Session>[] = [
  { key: "session", title: "Session", cell: (session) => session.session_id },
  { key: "actors", title: "Actors", cell: (session) => session.actors.join(", ") },
  { key: "edits", title: "Edits", number: true, cell: (session) => count(session.operations) },
  { key: "events", title: "Events", number: true, wide: true, cell: (session) => count(session.events) },
  { key: "lamport", title: "Lamport", number: true, wide: true, cell: (session) => counted(session.lamport) },
  { key: "checkpoints", title: "Checkpoints", number: true, cell: (session) => count(session.checkpoints) },
  {
    key: "malformed",
    title: "Unreadable",
    number: true,
    wide: true,
    cell: (session) => (session.malformed ? <span class="bad">{count(session.malformed)}</span> : "0"),
  },
  { key: "last", title: "Newest", cell: (session) => <Time at={session.last_at} relative /> },
];

export function SessionsPage(_: { name: string }) {
  const from = Number(place.value.params.get("from") ?? 0);
  const params = { limit: PART, offset: from, as_of: asOf.value };
  const tick = useTick(asOf.value === null ? 2_000 : 0);
  const question = search(params);
  const held = useRead(`${question}#${tick}`, (signal) => readSessions(params, signal), question);
  return (
    <>
      <h1>Sessions</h1>
      <Shown held={held}>
        {({ sessions, total }) =>
          total === 0 ? (
            <NoSessions />
          ) : (
            <>
              <Table
                label="Sessions, those with the newest events first"
                columns={columns}
                rows={sessions}
                keyOf={(session) => session.session_id}
                link={(session) => href(`/sessions/${encodeURIComponent(session.session_id)}`)}
              />
              <Pager from={from} part={PART} total={total} to={(from) => change({ from })} />
            </>
          )
        }
      </Shown>
    </>
  );
}

function NoSessions() {
  if (asOf.value !== null) return <Empty>No event names a session{asOfWords()}.</Empty>;
  return <Empty command={editCommand("s-1")}>No event names a session. Editors that record their edits name one:</Empty>;
}
