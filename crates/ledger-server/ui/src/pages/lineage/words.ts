// What the server says of artifacts, in words.
import type { Schemas } from "../../lib/api.ts";
import { local } from "../../lib/format.ts";

type Artifact = Pick<Schemas["JudgedArtifact"], "verdict" | "because">;

const reasons: Record<string, (what: unknown) => string> = {
  task_ended: () => "its task has ended",
  job_ended: () => "its job has ended",
  expired: (at) => `expired ${local(String(at))}`,
  gone: () => "it is not there",
  persistent: () => "it is persistent",
  undeclared: () => "nobody said how long",
  unclear: (offset) => `event ${offset} could not be read`,
  pinned: (pins) => `${pins} ${pins === 1 ? "pin" : "pins"}`,
  in_use: (operations) => `in use by ${Array.isArray(operations) ? operations.length : 1}`,
  owner_runs: () => "its owner runs",
  preserved: (at) => `preserved until ${local(String(at))}`,
};

/** Whether an artifact may be dropped, and why. */
export function verdictOf({ verdict, because }: Artifact): string {
  return `${verdict === "drop" ? "may go" : "stays"}: ${reasonOf(because)}`;
}

function reasonOf(because: unknown): string {
  const [word, what] = typeof because === "string" ? [because, null] : (Object.entries(because ?? {})[0] ?? ["", null]);
  return reasons[word]?.(what) ?? word.replaceAll("_", " ");
}

/** What the payload of an operation says, as far as it is one: other programs may write what they like. */
export interface Ran {
  operation?: string;
  status?: string;
  started_at?: string;
  finished_at?: string;
  bucket?: string;
  table?: string;
  outputs: string[];
  /** The columns of what it made, each with those it was made of. */
  columns: [string, string[]][];
}

export function ranOf(payload: unknown): Ran {
  const said = typeof payload === "object" && payload !== null ? (payload as Record<string, unknown>) : {};
  const text = (name: string) => (typeof said[name] === "string" ? said[name] : undefined);
  const columns = typeof said.columns === "object" && said.columns !== null ? Object.entries(said.columns) : [];
  return {
    operation: text("operation"),
    status: text("status"),
    started_at: text("started_at"),
    finished_at: text("finished_at"),
    bucket: text("bucket"),
    table: text("table"),
    outputs: texts(said.outputs),
    columns: columns.map(([name, of]) => [name, texts(of)]),
  };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

/** The table that an operation is about, as the operation log names it. */
export function tableOf({ bucket, table }: Ran): string | null {
  return table ? (bucket ? `${bucket}/${table}` : table) : null;
}

/** The columns of an artifact that operations name, as `artifact.column`. */
export function columnsOf(artifact: string, all: readonly Ran[]): string[] {
  const begin = `${artifact}.`;
  const named = all.flatMap(({ outputs, columns }) =>
    columns.flatMap(([name, of]) => {
      const alone = outputs.length === 1 && !name.startsWith(`${outputs[0]}.`);
      return [alone ? `${outputs[0]}.${name}` : name, ...of];
    }),
  );
  return [...new Set(named.filter((name) => name.startsWith(begin) && name.length > begin.length))].sort();
}
