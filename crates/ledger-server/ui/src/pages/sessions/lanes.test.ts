import assert from "node:assert/strict";
import { test } from "node:test";
import { lanesOf } from "./lanes.ts";

const edit = (id: string, actor: string, stamp: number | bigint | null, offset: number, ...parents: string[]) => {
  return { id, actor, lamport: stamp === null ? null : BigInt(stamp), offset, parents };
};
const columns = (...edits: ReturnType<typeof edit>[]) => lanesOf(edits).edits.map(({ edit, column }) => `${edit.id}${column}`);

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

test("lanes stay in the order of the actors that are known, whichever of their edits are shown", () => {
  const known = ["ann", "bob", "cy"];
  const actors = (...of: string[]) => lanesOf(of.map((actor, at) => edit(`e${at}`, actor, at, at)), known).actors;
  assert.deepEqual(actors("bob", "cy", "ann"), ["ann", "bob", "cy"]);
  assert.deepEqual(actors("cy", "ann", "bob"), ["ann", "bob", "cy"]);
  assert.deepEqual(actors("cy", "ann"), ["ann", "cy"], "who has no edit that is shown has no lane");
  assert.deepEqual(actors("zoe", "cy", "dan", "ann"), ["ann", "cy", "zoe", "dan"], "who is not known comes behind");
});

test("two edits of an actor never stand at one place, and a parent that is not shown has no arrow", () => {
  const lanes = lanesOf([edit("a", "ann", null, 1), edit("b", "ann", null, 2, "gone"), edit("c", "ann", 5, 3, "b")]);
  assert.deepEqual(
    lanes.edits.map(({ column }) => column),
    [0, 1, 2],
  );
  assert.deepEqual(lanes.arrows, [[1, 2]]);
});

test("an edit without a stamp stands behind what the ledger had when it was recorded", () => {
  const stamped = [edit("a", "ann", 3, 1), edit("b", "bob", 7, 4), edit("c", "cy", 7, 6), edit("d", "ann", 9, 8)];
  assert.deepEqual(columns(edit("x", "bob", null, 2), ...stamped), ["a0", "x1", "b2", "c2", "d3"]);
  assert.deepEqual(columns(edit("x", "ann", null, 5), ...stamped), ["a0", "b1", "c1", "x2", "d3"]);
  const last = [edit("y", "bob", null, 10), edit("x", "ann", null, 9)];
  assert.deepEqual(columns(...stamped, ...last), ["a0", "b1", "c1", "d2", "x3", "y4"]);
  assert.deepEqual(columns(edit("b", "bob", 0, 2), edit("x", "ann", null, 1)), ["x0", "b1"]);
  // One that came late with a low stamp takes nothing back.
  assert.deepEqual(columns(...stamped, edit("e", "bob", 1, 9), edit("x", "ann", null, 10)), ["e0", "a1", "b2", "c2", "d3", "x4"]);
});

test("stamps that JavaScript's numbers cannot tell apart are two", () => {
  const [low, high] = [9_007_199_254_740_992n, 9_007_199_254_740_993n];
  assert.deepEqual(columns(edit("b", "bob", high, 1), edit("a", "ann", low, 2)), ["a0", "b1"]);
});

test("no edits are no lanes", () => {
  assert.deepEqual(lanesOf([]), { actors: [], edits: [], arrows: [], columns: 0 });
});
