// How operations stand in a table.
import { bytes, count, duration } from "../../lib/format.ts";
import type { Column } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import type { Operation } from "./log.ts";

/** The table that an operation is about, as lineage and filters name it. */
export function tableOf({ bucket_name, table_name }: Operation): string | null {
  return table_name && (bucket_name ? `${bucket_name}/${table_name}` : table_name);
}

/** The ways in which operations end: the class, the sign and the words of each. */
const ENDS = new Map([
  ["success", ["good", "✓", "success"]],
  ["error", ["bad", "✕", "error"]],
  ["timeout", ["warn", "!", "timed out"]],
]);

/** How it ended; what is none of the known ways stands as it is. */
export function Status({ status }: { status: string | null }) {
  const [state, sign, words] = ENDS.get(status ?? "") ?? ["", "", status ?? "running"];
  return <span class={`state ${state}`}>{`${sign} ${words}`.trim()}</span>;
}

/** A text that may be cut off; all of it is under the pointer. */
export function Clip({ text }: { text: string | null }) {
  return (
    <span class="clip" title={text ?? undefined}>
      {text}
    </span>
  );
}

const optional = (value: number | null, write: (value: number) => string) => (value === null ? "" : write(value));
const amount = { width: "5rem", number: true, wide: true };

/** How it ended, where there is little room. */
function Sign({ status }: { status: Operation["status"] }) {
  const [state, sign] = ENDS.get(status ?? "") ?? ["", "…"];
  return (
    <span class={state} title={status ?? "running"}>
      <span aria-hidden="true">{sign}</span>
      <span class="unseen">{status ?? "running"}</span>
    </span>
  );
}

/** All that a list of operations may have. */
export const columns = {
  ended: { key: "ended", title: "ended", cell: (row) => <Time at={row.timestamp} />, width: "10.5rem" },
  command: { key: "command", title: "command", cell: (row) => <Clip text={row.command} />, width: "minmax(6rem, 1fr)" },
  status: { key: "status", title: "how", cell: (row) => <Status status={row.status} />, width: "6.5rem" },
  took: { key: "took", title: "took", cell: (row) => optional(row.duration_ms, duration), width: "5.5rem", number: true },
  table: { key: "table", title: "table", cell: (row) => <Clip text={tableOf(row)} />, width: "minmax(6rem, 1.5fr)", wide: true },
  project: {
    key: "project",
    title: "project",
    cell: (row) => <Clip text={row.project_id} />,
    width: "minmax(4rem, 1fr)",
    wide: true,
  },
  rows: { key: "rows", title: "rows", cell: (row) => optional(row.rows_affected, count), ...amount },
  in: { key: "in", title: "in", cell: (row) => optional(row.bytes_in, bytes), ...amount },
  out: { key: "out", title: "out", cell: (row) => optional(row.bytes_out, bytes), ...amount },
  error: {
    key: "error",
    title: "error",
    cell: (row) => <Clip text={[row.error_code, row.error_message].filter(Boolean).join(": ")} />,
    width: "minmax(6rem, 2fr)",
    wide: true,
  },
} satisfies Record<string, Column<Operation>>;

const all: readonly Column<Operation>[] = Object.values(columns);
const some = [columns.ended, columns.command, columns.status, columns.took, columns.table, columns.error];
const few: readonly Column<Operation>[] = [
  { ...columns.ended, cell: (row) => <Time at={row.timestamp} relative />, width: "5.5rem" },
  { ...columns.command, width: "minmax(4rem, 1fr)" },
  {
    ...columns.status,
    title: <span class="unseen">how it ended</span>,
    cell: (row) => <Sign status={row.status} />,
    width: "1.5rem",
  },
  columns.took,
];

/** The columns that there is room for, in so many pixels. */
export function fitting(width: number): readonly Column<Operation>[] {
  return width >= 1_040 ? all : width >= 700 ? some : few;
}
