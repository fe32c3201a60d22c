import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST, MOST, paceOf, reachOf } from "./reach.ts";

test("more artifacts are asked for once those that were asked for are there, up to the most", () => {
  assert.equal(reachOf(200, 200, 900), 400);
  assert.equal(reachOf(400, 200, 900), null, "these are still on their way");
  assert.equal(reachOf(400, 400, 900), 600);
  assert.equal(reachOf(900, 900, 5_000), MOST);
  assert.equal(reachOf(MOST, MOST, 5_000), null);
});

test("when all artifacts are shown no more are asked for", () => {
  assert.equal(reachOf(FIRST, 200, 200), null);
  assert.equal(reachOf(FIRST, 12, 12), null);
  assert.equal(reachOf(400, 350, 350), null, "some were dropped since");
});

test("the more artifacts there are, the less often they are read again", () => {
  assert.deepEqual([1, FIRST, MOST].map(paceOf), [5_000, 5_000, 10_000]);
});
