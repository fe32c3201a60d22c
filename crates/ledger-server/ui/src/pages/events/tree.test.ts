import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "./read.ts";
import { causeTree, effectTree } from "./tree.ts";

const event = (offset: number, parents: number[]) =>
  ({ offset, id: `e${offset}`, parents: parents.map((of) => `e${of}`) }) as Event;
const all = [event(1, []), event(2, [1]), event(3, [1]), event(4, [2]), event(5, [2, 3]), event(6, [5])];
const at = (offset: number, distance: number) => ({ distance, event: all[offset - 1]! });

test("effects stand beneath their parents, and each once", () => {
  const effects = [at(2, 1), at(3, 1), at(4, 2), at(5, 2), at(6, 3)];
  const drawn = effectTree(all[0]!, effects).map((branch) => [branch.event.offset, branch.distance, branch.also]);
  assert.deepEqual(drawn, [[2, 1, []], [4, 2, []], [5, 2, [3]], [6, 3, []], [3, 1, []]]);
});

test("causes stand beneath what they caused", () => {
  const causes = [at(5, 1), at(2, 2), at(3, 2), at(1, 3)];
  const drawn = causeTree(all[5]!, causes).map((branch) => [branch.event.offset, branch.also]);
  assert.deepEqual(drawn, [[5, []], [2, []], [1, [3]], [3, []]]);
});

test("what hangs on nothing that is there stands beneath the event", () => {
  assert.deepEqual(effectTree(all[0]!, [at(6, 4)]).map((branch) => branch.event.offset), [6]);
});
