// What one would write in a shell to get or to make what is shown.
import type { Asked } from "../parts/filters.tsx";
import type { Recorded } from "../pages/events/read.ts";
import { signedIn } from "./api.ts";

/** A word of a shell's command line. */
export function quoted(text: string): string {
  return /^[A-Za-z0-9_@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A word that is no flag, whatever it begins with. It comes last. */
export function operand(text: string): string {
  return `${text.startsWith("-") ? "-- " : ""}${quoted(text)}`;
}

/** A flag and its value, whatever that begins with. */
export function option(name: string, text: string): string {
  return `--${name}${text.startsWith("-") ? "=" : " "}${quoted(text)}`;
}

function flag(name: string, value: string | number | null | undefined): string[] {
  return value === null || value === undefined ? [] : [option(name, String(value))];
}

const flags = {
  kind: "kind",
  run: "run",
  actor: "actor",
  session: "session",
  tag: "tag",
  any_tag: "any-tag",
  since: "since",
  until: "until",
} as const;

/** A command of `ledger` for the ledger that this page shows, in whatever shell it is run. */
export function ledger(...words: readonly string[]): string {
  return ["ledger", option("url", location.origin), ...words].join(" ");
}

/** What such a command needs besides; nothing where the server lets everybody in. */
export function need(): string | undefined {
  return signedIn.value?.auth === "token" ? "This server asks for a token: set LEDGER_API_TOKEN before." : undefined;
}

/** Filters as the flags that say the same. */
export function flagsOf(asked: Asked): string[] {
  const names = Object.keys(flags) as (keyof typeof flags)[];
  return names.flatMap((name) => asked[name].flatMap((value) => flag(flags[name], value)));
}

/** The command that exports what the filters say, between two offsets. */
export function exportCommand(asked: Asked, { after, up_to }: { after?: number | undefined; up_to?: number | string | null }): string {
  return ledger("export", ...flagsOf(asked), ...flag("after", after || null), ...flag("as-of", up_to));
}

/** The command that prints an event. */
export function showCommand({ event }: Recorded): string {
  // What looks like a number is taken for an offset.
  if (/^\d+$/.test(event.id)) return ledger("show", String(event.offset));
  return ledger("show", operand(event.id));
}

/** A command line has room for so much in one word. */
const WORD = 100_000;

/** The command that records an event with all that its caller said of it. */
export function appendCommand({ event, payload, lamport }: Recorded): string {
  const long = payload.length > WORD;
  const words = [
    ...flag("kind", event.kind),
    ...flag("id", event.id),
    ...flag("run", event.run_id),
    ...flag("turn", event.turn || null),
    ...flag("actor", event.actor),
    ...flag("session", event.session_id),
    ...flag("model-profile", event.model_profile),
    ...flag("model-id", event.model_id),
    ...event.parents.flatMap((id) => flag("parent", id)),
    ...event.tags.flatMap((tag) => flag("tag", tag)),
    ...flag("at", event.created_at),
    ...flag("schema-version", event.schema_version === 1 ? null : event.schema_version),
    ...flag("lamport", lamport),
    long ? "--payload - <<'JSON'" : `--payload ${quoted(payload)}`,
  ];
  return ledger("append", ...words) + (long ? `\n${payload}\nJSON` : "");
}

/** The command that makes an edit in a session, and the session with it. */
export function editCommand(session: string): string {
  return ledger("edit --actor ann", operand(session), `doc '{"op":"insert","target":"p-1","position":0}'`);
}

/** The call that answers an event. */
export function curlCommand(offset: number, origin: string, withToken: boolean): string {
  const token = withToken ? ` -H "Authorization: Bearer $LEDGER_API_TOKEN"` : "";
  return `curl -sS${token} ${quoted(`${origin}/api/v1/events/${offset}`)}`;
}
