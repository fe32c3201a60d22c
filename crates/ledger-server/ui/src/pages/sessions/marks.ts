// What is written along the lanes of a session: the stamps of its edits, and its checkpoints.
import { count } from "../../lib/format.ts";
import type { Edit, Placed } from "./lanes.ts";

/** How wide a column of edits is, and the names of the lanes, which stand at the left of all. */
export const [COLUMN, NAMES] = [34, 120];
/** What a sign of a number takes, and what is left free between two numbers. */
const [SIGN, GAP] = [7, 60];

/** Where the middle of a column is. */
export function middle(column: number): number {
  return column * COLUMN + COLUMN / 2;
}

/** A stamp that is written above its column: where its number begins, and ends. */
export interface Stamp {
  column: number;
  text: string;
  from: number;
  to: number;
}

/** The stamps that there is room to write, from left to right. One that several columns have is written above the first. */
export function stampsOf(edits: readonly Placed<Edit>[]): Stamp[] {
  const found: Stamp[] = [];
  let before: bigint | null = null;
  for (const { edit, column } of edits) {
    if (edit.lamport === null || edit.lamport === before) continue;
    before = edit.lamport;
    const free = (found.at(-1)?.to ?? -GAP) + GAP;
    // Of thousands, most need not be written to know that there is no room.
    if (middle(column) < free) continue;
    const text = count(edit.lamport);
    const from = Math.max(0, middle(column) - (text.length * SIGN) / 2);
    if (from >= free) found.push({ column, text, from, to: from + text.length * SIGN });
  }
  return found;
}

/** A checkpoint, as far as its mark tells of it. */
export interface Marked {
  snapshot: string;
  operations: number;
  offset: number;
}

/**
 * The checkpoints by the offset of the edit behind which they stand, the last that they include. One that includes none of these
 * edits stands nowhere.
 */
export function marksOf(edits: readonly Placed<Edit>[], checkpoints: readonly Marked[]): Map<number, Marked[]> {
  const marks = new Map<number, Marked[]>();
  for (const checkpoint of checkpoints) {
    const last = edits.findLast(({ edit }) => edit.offset <= checkpoint.offset)?.edit.offset;
    if (last !== undefined) marks.set(last, [...(marks.get(last) ?? []), checkpoint]);
  }
  return marks;
}
