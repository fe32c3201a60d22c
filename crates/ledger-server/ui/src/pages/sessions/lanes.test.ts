import assert from "node:assert/strict";
import { test } from "node:test";
import { lanesOf } from "./lanes.ts";

const edit = (id: string, actor: string, lamport: number | null, offset: number, ...parents: string[]) => ({ id, actor, lamport, offset, parents });

test("edits stand by their stamps, in a lane for each actor", () => {
  const lanes = lanesOf([edit("c", "bob", 9, 3, "a"), edit("a", "ann", 1, 1), edit("b", "bob", 1, 2)]);
  assert.deepEqual(lanes.actors, ["bob", "ann"]);
  assert.deepEqual(
    lanes.edits.map(({ edit, lane, column }) => [edit.id, lane, column]),
    [
      ["a", 1, 0],
      ["b", 0, 0],
      ["c", 0, 1],
    ],
  );
  assert.deepEqual(lanes.arrows, [[0, 2]]);
  assert.equal(lanes.columns, 2);
});

test("two edits of an actor never stand at one place, and a parent that is not shown has no arrow", () => {
  const lanes = lanesOf([edit("a", "ann", null, 1), edit("b", "ann", null, 2, "gone"), edit("c", "ann", 5, 3, "b")]);
  assert.deepEqual(
    lanes.edits.map(({ column }) => column),
    [0, 1, 2],
  );
  assert.deepEqual(lanes.arrows, [[1, 2]]);
});

test("no edits are no lanes", () => {
  assert.deepEqual(lanesOf([]), { actors: [], edits: [], arrows: [], columns: 0 });
});
