// What the event of an operation says, as far as it is one: other programs may write what they like.
import { millis } from "../../lib/format.ts";
import { type Ran, ranOf } from "../lineage/words.ts";

export interface Told extends Ran {
  /** The artifacts among its inputs. */
  reads: string[];
  /** The names of the inputs that are plain values. */
  given: string[];
  sql?: string;
  error?: string;
  metadata: unknown;
  /** The fields that are one text, time or number, by name. */
  facts: Record<string, unknown>;
  /** All else, and what is not as operations say it. */
  others: Record<string, unknown>;
}

type Fields = Record<string, unknown>;
type Fits = (value: unknown) => boolean;

const text: Fits = (value) => typeof value === "string";
const number: Fits = (value) => typeof value === "number";
const time: Fits = (value) => typeof value === "string" && !Number.isNaN(millis(value));
const plain: Fits = (value) => ["string", "number", "boolean"].includes(typeof value);
const texts: Fits = (value) => Array.isArray(value) && value.every(text);
const object = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

const FACTS = new Map<string, Fits>([
  ...["duration_us", "queue_wait_us", "rows_affected", "bytes_in", "bytes_out"].map((name) => [name, number] as const),
  ...["started_at", "finished_at"].map((name) => [name, time] as const),
  ...["error_code", "project", "branch", "job", "task", "attempt", "request_id"].map((name) => [name, plain] as const),
  ...["connection_job_id", "connection_run_id", "id"].map((name) => [name, plain] as const),
]);
const PARTS = new Map<string, Fits>([
  ...["operation", "status", "bucket", "table", "sql", "error"].map((name) => [name, text] as const),
  ["inputs", object],
  ["outputs", texts],
  ["columns", (value) => object(value) && Object.values(value).every(texts)],
  ["metadata", () => true],
]);

export function toldOf(payload: unknown): Told {
  const said = object(payload) ? payload : {};
  const ran = ranOf(said);
  const inputs = Object.entries(object(said.inputs) ? said.inputs : {});
  const artifact = (input: unknown) => (object(input) && typeof input.artifact === "string" ? input.artifact : null);
  const columns = object(said.columns) ? said.columns : {};
  const all = Object.entries(said);
  const odd = ([name, value]: [string, unknown]) => {
    const fits = FACTS.get(name) ?? PARTS.get(name);
    return fits ? value !== null && !fits(value) : true;
  };
  return {
    ...ran,
    columns: ran.columns.filter(([name]) => Array.isArray(columns[name])),
    reads: inputs.flatMap(([, input]) => artifact(input) ?? []),
    given: inputs.filter(([, input]) => artifact(input) === null).map(([name]) => name),
    sql: typeof said.sql === "string" ? said.sql : undefined,
    error: typeof said.error === "string" ? said.error : undefined,
    metadata: said.metadata ?? null,
    facts: Object.fromEntries(all.filter(([name, value]) => FACTS.get(name)?.(value))),
    others: Object.fromEntries(all.filter(odd)),
  };
}
