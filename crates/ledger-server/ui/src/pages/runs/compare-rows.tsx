// The events of two runs in one table, with signs where they differ.
import { duration } from "../../lib/format.ts";
import type { Column } from "../../parts/table.tsx";
import { type Row, type Side, isOne } from "./comparison.ts";
import { plainLength } from "./ticks.ts";

/** What a row says at a glance. */
function signOf(row: Row): { sign: string; word: string; class: string } {
  if (row.b === null) return { sign: "A", word: "only in A", class: "only-a" };
  if (row.a === null) return { sign: "B", word: "only in B", class: "only-b" };
  if (row.failed) return { sign: "✕", word: `failed in ${row.failed}`, class: "bad" };
  if (row.isSlower) return { sign: "▲", word: "longer in B", class: "warn" };
  if (row.isFaster) return { sign: "▼", word: "shorter in B", class: "good" };
  if (row.isMoved) return { sign: "⇅", word: "in another order", class: "quiet" };
  if (row.fields.length > 0) return { sign: "≠", word: "other fields", class: "differs" };
  return { sign: "=", word: "the same", class: "quiet" };
}

export function rowClass(row: Row, chosen: string | null): string {
  return `${isOne(row) ? signOf(row).class : ""} ${row.key === chosen ? "chosen" : ""}`;
}

const columns: readonly Column<Row>[] = [
  {
    key: "kind",
    title: "Event",
    width: "minmax(9rem, 1.6fr)",
    cell: (row) => {
      const { sign, word, class: look } = signOf(row);
      return (
        <>
          <span class={`compare-sign ${look}`} title={word}>
            <span aria-hidden="true">{sign}</span>
            <span class="unseen">{word}: </span>
          </span>{" "}
          <span class="mono">{row.name ? `${row.kind.replace("operation.", "")} ${row.name}` : row.kind}</span>{" "}
          <span class="compare-about">{row.about}</span>
        </>
      );
    },
  },
  { key: "turn", title: "Turn", width: "5rem", wide: true, cell: turns },
  { key: "since-a", title: "A since start", width: "7rem", number: true, wide: true, cell: (row) => <Since side={row.a} /> },
  { key: "since-b", title: "B since start", width: "7rem", number: true, wide: true, cell: (row) => <Since side={row.b} /> },
  { key: "a", title: "A took", width: "5rem", number: true, cell: (row) => <Took side={row.a} /> },
  { key: "b", title: "B took", width: "5rem", number: true, cell: (row) => <Took side={row.b} /> },
  { key: "ratio", title: "B to A", width: "5.5rem", number: true, wide: true, cell: ratio },
  { key: "fields", title: "Fields that differ", width: "minmax(8rem, 1.4fr)", wide: true, cell: (row) => <Fields row={row} /> },
];

/** Beside a pair there is no room for what it says itself. */
export function columnsOf(isBeside: boolean): readonly Column<Row>[] {
  return isBeside ? columns.filter(({ key }) => key !== "turn" && key !== "fields") : columns;
}

function turns({ a, b }: Row) {
  const [one, other] = [a?.event.turn, b?.event.turn];
  if (one === undefined || other === undefined || one === other) return one ?? other;
  return `${one} → ${other}`;
}

function Since({ side }: { side: Side | null }) {
  return side && <>{plainLength(side.since)}</>;
}

function Took({ side }: { side: Side | null }) {
  return side?.duration == null ? null : <>{duration(side.duration)}</>;
}

function ratio(row: Row) {
  if (row.ratio === null) return null;
  const text = `× ${row.ratio >= 100 ? Math.round(row.ratio) : Number(row.ratio.toPrecision(2))}`;
  return <span class={row.isSlower ? "warn" : row.isFaster ? "good" : "quiet"}>{text}</span>;
}

function Fields({ row }: { row: Row }) {
  if (row.fields.length === 0) return null;
  const paths = row.fields.map((field) => field.path || "all of it").join(", ");
  return (
    <span class="mono" title={paths}>
      {paths}
    </span>
  );
}
