import assert from "node:assert/strict";
import { test } from "node:test";
import { path, roundUp } from "./chart.tsx";

test("a scale ends at a round number that is not below the highest value", () => {
  const small: [number, number][] = [[0, 1], [-3, 1], [0.003, 0.005], [1, 1], [1.01, 2], [7, 10], [10, 10]];
  const rounded = [...small, [4_999, 5_000], [5_001, 10_000]] as const;
  for (const [value, round] of rounded) assert.ok(Math.abs(roundUp(value) - round) < 1e-9, `${value} becomes ${roundUp(value)}`);
});

test("a line breaks where there is no value, and a value alone is a dot", () => {
  assert.equal(path([0, 5, 10], 100, 20, 10), "M0.0 21.0L50.0 11.0L100.0 1.0");
  assert.equal(path([null, 10, null, 0, 10], 100, 20, 10), "M25.0 1.0h0M75.0 21.0L100.0 1.0");
  assert.equal(path([10], 100, 20, 10), "M0.0 1.0h0");
  assert.equal(path([null, null], 100, 20, 10), "");
  assert.equal(path([], 100, 20, 10), "");
});
