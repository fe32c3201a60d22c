// A session as it is read here: with all digits of its stamps, and of what was edited.
import { type Readable, type Schemas, askText, fill } from "../../lib/api.ts";
import { type Piece, named, partsOf, source, trusted, written } from "../../lib/json.ts";
import { type Params, search } from "../../lib/router.ts";

/** A session at a glance. Two whose edits have the same text have the same edits. */
export interface Looked {
  overview: Schemas["Overview"];
  lamport: string;
  /** The text of its edits. */
  edits: string;
}

/** An edit, and the text of what was done. */
export interface Edited extends Omit<Schemas["Edited"], "edit" | "lamport"> {
  lamport: bigint | null;
  op: string;
  target: string | null;
  edit: Piece;
}

/** What is to be done, as a text, and the edits that it was made of. */
export interface Change {
  edit: string;
  of: string[];
}

export type Delta = Omit<Schemas["Delta"], "changes"> & { changes: Change[] };
export type Checkpoint = Omit<Schemas["Checkpoint"], "lamport"> & { lamport: string };

export type Session = Omit<Schemas["Session"], "lamport"> & { lamport: string };

function textOf(path: Readable, session: string, params: Params, signal: AbortSignal): Promise<string> {
  return askText(fill(path, { session }) + search(params), { signal, headers: { accept: "application/json" } });
}

/** Reads a part of the list of sessions. */
export async function readSessions(params: Params, signal: AbortSignal): Promise<{ sessions: Session[]; total: number }> {
  const text = await textOf("/api/v1/sessions", "", params, signal);
  const { sessions, total } = JSON.parse(text) as Schemas["Sessions"];
  const lines = partsOf(named(trusted(text)).get("sessions")!);
  return { total, sessions: sessions.map((one, at) => ({ ...one, lamport: source(named(lines[at]!.value).get("lamport")!) })) };
}

export async function readSession(session: string, params: Params, signal: AbortSignal): Promise<Looked> {
  const text = await textOf("/api/v1/sessions/{session}", session, params, signal);
  const overview = JSON.parse(text) as Schemas["Overview"];
  const told = named(trusted(text));
  return { overview, lamport: source(named(told.get("session")!).get("lamport")!), edits: source(told.get("edits")!) };
}

/** The edits that were read, with what their text has. */
export function editsOf({ overview, edits }: Looked): Edited[] {
  const lines = partsOf(trusted(edits));
  return overview.edits.map((edited, at) => {
    const line = named(lines[at]!.value);
    const edit = line.get("edit")!;
    const target = named(edit).get("target");
    return {
      ...edited,
      lamport: edited.lamport === null ? null : BigInt(source(line.get("lamport")!)),
      op: String((edited.edit as { op?: unknown }).op),
      target: target ? written(target) : null,
      edit,
    };
  });
}

export async function readDelta(session: string, params: Params, signal: AbortSignal): Promise<Delta> {
  const text = await textOf("/api/v1/sessions/{session}/delta", session, params, signal);
  const delta = JSON.parse(text) as Schemas["Delta"];
  const lines = partsOf(named(trusted(text)).get("changes")!);
  const changes = delta.changes.map(({ of }, at) => ({ of, edit: written(named(lines[at]!.value).get("edit")!) }));
  return { ...delta, changes };
}

/** Reads the newest checkpoints. */
export async function readCheckpoints(session: string, params: Params, signal: AbortSignal): Promise<Checkpoint[]> {
  const text = await textOf("/api/v1/sessions/{session}/checkpoints", session, params, signal);
  const { checkpoints } = JSON.parse(text) as Schemas["Checkpoints"];
  const lines = partsOf(named(trusted(text)).get("checkpoints")!);
  return checkpoints.map((one, at) => ({ ...one, lamport: source(named(lines[at]!.value).get("lamport")!) }));
}
