import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../test/browser.ts";
import { type Operation, readOn, withCode, withNewest } from "./log.ts";

const rows = (...offsets: number[]) => offsets.map((offset) => ({ offset }) as Operation);
const page = (next: string | null, ...offsets: number[]) => ({ operations: rows(...offsets), next, limit: 3, offset: 0 });
const held = (next: string | null, ...offsets: number[]) => {
  return { key: "", rows: rows(...offsets), known: 0, next, full: false, problem: null };
};
const offsets = (found: { rows: Operation[] }) => found.rows.map(({ offset }) => offset);

test("what ended meanwhile comes first, once", () => {
  const found = withNewest(held("op1", 5, 4, 3), page("op4", 7, 6, 5));
  assert.deepEqual([offsets(found), found.known, found.next], [[7, 6, 5, 4, 3], 5, "op1"]);
});

test("what is not next to the new ones is given up, and read again from there", () => {
  const found = withNewest(held("op1", 5, 4, 3), page("op7", 10, 9, 8));
  assert.deepEqual([offsets(found), found.known, found.next], [[10, 9, 8], 5, "op7"]);
  assert.equal(found.full, true, "it goes on from there as the viewer scrolls");
});

test("the first ones are none that came meanwhile", () => {
  const found = withNewest(held(null), page(null, 2, 1));
  assert.deepEqual([offsets(found), found.known, found.next], [[2, 1], Infinity, null]);
});

/** A log of so many operations, of which every so manyth has the code `E7`; `calls` are the cursors that it was asked for. */
function log(count: number, every: number) {
  const calls: (string | null)[] = [];
  const read = async (cursor: string | null) => {
    calls.push(cursor);
    const from = cursor === null ? count : Number(cursor);
    const operations = Array.from({ length: Math.min(1_000, from) }, (_, at) => {
      return { offset: from - at, error_code: (from - at) % every ? null : "E7" } as Operation;
    });
    return { operations, next: from > 1_000 ? String(from - 1_000) : null, limit: 1_000, offset: 0 };
  };
  return { read, calls };
}

test("without a code one page is enough", async () => {
  const { read, calls } = log(9_000, 1);
  const part = await readOn(read, null, withCode(""));
  assert.deepEqual([part.rows.length, part.next, part.full, calls], [1_000, "8000", true, [null]]);
});

test("for a code it is read on until a page is full of it", async () => {
  const { read, calls } = log(9_000, 10);
  const part = await readOn(read, "8000", withCode("E7"));
  assert.deepEqual([part.rows.length, part.next, part.full, calls], [2_000, "6000", true, ["8000", "7000"]]);
  assert.equal(part.rows.filter(withCode("E7")).length, 200);
});

test("for a rare code not all of the period is read: the viewer says whether to go on", async () => {
  const { read, calls } = log(9_000, 3_000);
  const part = await readOn(read, null, withCode("E7"));
  assert.deepEqual([part.rows.length, part.next, part.full, calls.length], [5_000, "4000", false, 5]);
  const rest = await readOn(read, part.next, withCode("E7"));
  assert.deepEqual([rest.rows.length, rest.next, rest.full, calls.length], [4_000, null, false, 9]);
});
