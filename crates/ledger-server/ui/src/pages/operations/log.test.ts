import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../test/browser.ts";
import { type Operation, withNewest } from "./log.ts";

const rows = (...offsets: number[]) => offsets.map((offset) => ({ offset }) as Operation);
const page = (next: string | null, ...offsets: number[]) => ({ operations: rows(...offsets), next, limit: 3, offset: 0 });
const held = (next: string | null, ...offsets: number[]) => ({ key: "", rows: rows(...offsets), known: 0, next, problem: null });
const offsets = (found: { rows: Operation[] }) => found.rows.map(({ offset }) => offset);

test("what ended meanwhile comes first, once", () => {
  const found = withNewest(held("op1", 5, 4, 3), page("op4", 7, 6, 5));
  assert.deepEqual([offsets(found), found.known, found.next], [[7, 6, 5, 4, 3], 5, "op1"]);
});

test("what is not next to the new ones is given up, and read again from there", () => {
  const found = withNewest(held("op1", 5, 4, 3), page("op7", 10, 9, 8));
  assert.deepEqual([offsets(found), found.known, found.next], [[10, 9, 8], 5, "op7"]);
});

test("the first ones are none that came meanwhile", () => {
  const found = withNewest(held(null), page(null, 2, 1));
  assert.deepEqual([offsets(found), found.known, found.next], [[2, 1], Infinity, null]);
});
