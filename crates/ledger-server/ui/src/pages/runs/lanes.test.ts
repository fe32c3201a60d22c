import assert from "node:assert/strict";
import { test } from "node:test";
import { clusters, lanesOf } from "./lanes.ts";

test("no bar lies on another, and free lanes are used again", () => {
  const bars = [{ x: 0, width: 10 }, { x: 5, width: 10 }, { x: 12, width: 3 }, { x: 6, width: 1 }];
  assert.deepEqual(lanesOf(bars, 1), [0, 1, 0, 2]);
  assert.deepEqual(lanesOf([], 1), []);
});

test("marks that are too near are one", () => {
  const marks = [0, 3, 15, 30, 45].map((x) => ({ x, of: x }));
  assert.deepEqual(clusters(marks, 10, 20), [{ x: 0, of: [0, 3, 15] }, { x: 30, of: [30] }, { x: 45, of: [45] }]);
});
