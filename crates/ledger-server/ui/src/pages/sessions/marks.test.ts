import assert from "node:assert/strict";
import { test } from "node:test";
import { lanesOf } from "./lanes.ts";
import { COLUMN, marksOf, middle, stampsOf } from "./marks.ts";

const edit = (id: string, actor: string, stamp: number | bigint | null, offset: number) => {
  return { id, actor, lamport: stamp === null ? null : BigInt(stamp), offset, parents: [] };
};
const many = (count: number, stamp: (at: number) => bigint) =>
  lanesOf(Array.from({ length: count }, (_, at) => edit(`e${at}`, `a${at % 3}`, stamp(at), at + 1))).edits;

test("a stamp of several columns is written once, and an edit without one has none", () => {
  const { edits } = lanesOf([edit("a", "ann", 1, 1), edit("b", "ann", 1, 2), edit("c", "bob", null, 3), edit("d", "bob", 7, 4)]);
  assert.deepEqual(stampsOf(edits).map(({ column, text }) => [column, text]), [[0, "1"], [3, "7"]]);
  assert.deepEqual(stampsOf([]), []);
});

test("numbers never overlap, however many or long they are", () => {
  for (const first of [0n, 995n, 9_007_199_254_740_991n]) {
    const edits = many(500, (at) => first + BigInt(3 * at));
    const found = stampsOf(edits);
    assert.ok(found.length > 40, `${found.length}`);
    assert.ok(found[0]!.column === 0 && found[0]!.from >= 0, "the first is there, and is not cut off");
    for (const [at, { column, text, from, to }] of found.entries()) {
      assert.equal(text, edits.find((one) => one.column === column)!.edit.lamport!.toLocaleString("en"));
      if (at > 0) assert.ok(from - found[at - 1]!.to >= 14);
      if (from > 0) assert.equal((from + to) / 2, middle(column));
    }
  }
  assert.equal(middle(2) - middle(1), COLUMN);
});

test("a checkpoint stands behind the last edit that it includes, and behind none that is not shown", () => {
  const late = edit("late", "bob", 2, 9);
  const { edits } = lanesOf([edit("a", "ann", 1, 4), edit("b", "bob", 3, 5), late, edit("c", "ann", 8, 10)]);
  const checkpoint = (snapshot: string, offset: number) => ({ snapshot, operations: 1, offset });
  const marks = marksOf(edits, [checkpoint("s4", 20), checkpoint("s3", 8), checkpoint("s2", 5), checkpoint("s1", 3)]);
  const names = [...marks].map(([offset, of]) => [offset, of.map(({ snapshot }) => snapshot)]);
  assert.deepEqual(names, [[10, ["s4"]], [5, ["s3", "s2"]]]);
  assert.equal(marksOf([], [checkpoint("s1", 3)]).size, 0);
});
