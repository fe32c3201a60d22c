import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../test/browser.ts";
import { lanesOf } from "./lanes.ts";
import { COLUMN, middle } from "./marks.ts";
import { leftOf, seenAt } from "./seen.ts";

/** The edits of some offsets, with as many more in front as there are stamps that are lower. */
const edits = (...offsets: number[]) =>
  lanesOf(offsets.map((offset) => ({ id: `e${offset}`, actor: "ann", lamport: BigInt(offset), offset, parents: [] }))).edits;

test("what the viewer looks at stays in its place, whatever comes before it or behind it", () => {
  const before = edits(5, 6, 7, 8, 9);
  const seen = seenAt(before, middle(2) - 10, false);
  assert.deepEqual(seen, { offset: 7, from: 10, isEnd: false });
  assert.equal(leftOf(before, seen), middle(2) - 10);
  assert.equal(leftOf(edits(5, 6, 7, 8, 9, 10, 11), seen), middle(2) - 10, "newer ones");
  assert.equal(leftOf(edits(2, 3, 5, 6, 7, 8, 9), seen), middle(2) - 10 + 2 * COLUMN, "older ones are shown, too");
  assert.equal(leftOf(edits(6, 7, 8, 9, 10), seen), middle(1) - 10, "the oldest is shown no more");
});

test("what is not there is taken for what was recorded before it, or else for the first", () => {
  const seen = { offset: 7, from: 0, isEnd: false };
  assert.equal(leftOf(edits(5, 6, 9), seen), middle(1));
  assert.equal(leftOf(edits(8, 9), seen), 0);
  assert.equal(leftOf([], seen), 0);
  assert.equal(leftOf(edits(5, 7), { ...seen, from: 400 }), 0, "there is nothing before the first");
});

test("who is at the end stays there", () => {
  const seen = seenAt(edits(5, 6, 7), 60, true);
  assert.equal(leftOf(edits(5, 6, 7, 8), seen), Infinity);
  assert.deepEqual(seenAt(edits(5, 6), 1_000, false), { offset: 6, from: middle(1) - 1_000, isEnd: false });
});
