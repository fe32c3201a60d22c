import assert from "node:assert/strict";
import { test } from "node:test";
import { scaleOf, timeOf, xOf } from "./fold.ts";
import { exact, stamp } from "./time.ts";
import { beside, between, dragged, edges, farther, gripAt, nearer, timeOfMost, viewOf } from "./view.ts";

const whole = scaleOf([{ from: 0, to: 1_000 }], 500, null);

test("times keep their microseconds", () => {
  const text = "2026-01-04T10:00:00.123456Z";
  assert.equal(stamp(exact(text)), text);
  assert.ok(exact("2026-01-04T10:00:00.123457Z") > exact(text));
  assert.equal(stamp(exact("2026-01-04T10:00:00Z")), "2026-01-04T10:00:00.000000Z");
});

test("an address tells a view, or none", () => {
  assert.ok(viewOf("2026-01-04T10:00:00Z", "2026-01-04T11:00:00Z"));
  assert.equal(viewOf("2026-01-04T11:00:00Z", "2026-01-04T10:00:00Z"), null);
  assert.equal(viewOf("yesterday", "today"), null);
  assert.equal(viewOf(null, "2026-01-04T10:00:00Z"), null);
});

test("a pointer takes an edge, both, or draws anew", () => {
  assert.equal(gripAt(102, 100, 200, true).part, "from");
  assert.equal(gripAt(198, 100, 200, true).part, "to");
  assert.equal(gripAt(150, 100, 200, true).part, "both");
  assert.equal(gripAt(150, 0, 500, false).part, "new");
  assert.deepEqual(dragged(gripAt(150, 100, 200, true), 500, 500), [400, 500]);
  assert.deepEqual(dragged(gripAt(150, 100, 200, true), 0, 500), [0, 100]);
  assert.deepEqual(dragged(gripAt(300, 0, 500, false), 900, 500), [300, 500]);
});

test("closer, farther and beside lead back to where they began", () => {
  const near = nearer(whole);
  assert.ok(Math.abs(near.from - 250) < 15 && Math.abs(near.to - 750) < 15);
  assert.equal(farther(whole, near), null, "all is no view");
  const right = beside(whole, nearer(scaleOf([{ from: 0, to: 1_000 }], 500, near)), 0.5);
  const left = beside(whole, right, -0.5);
  assert.ok(right.from > left.from && right.to <= 1_000);
  assert.ok(Math.abs(right.to - right.from - (left.to - left.from)) < 1);
});

test("there is always some time in view", () => {
  const instants = scaleOf([{ from: 0, to: 0 }, { from: 9_000, to: 9_000 }], 500, null);
  const view = between(instants, 0, 5);
  assert.ok(view.from < 0 && view.to > 0);
  const [from, to] = edges(instants, view);
  assert.ok(to > from);
  let deep = { from: 0, to: 1_000 };
  for (let time = 0; time < 60; time++) deep = nearer(scaleOf([{ from: 0, to: 1_000 }], 500, deep));
  assert.ok(deep.to > deep.from);
  assert.ok(timeOf(whole, xOf(whole, deep.from)) >= 0);
});

test("a few long runs do not make the others too small to see", () => {
  const short = Array.from({ length: 16 }, (_, at) => ({ from: 100_000 + at * 10, to: 100_005 + at * 10 }));
  const found = timeOfMost([{ from: 0, to: 100_200 }, { from: 50_000, to: 100_190 }, ...short])!;
  assert.ok(found.from <= 100_000 && found.from > 99_900 && found.to >= 100_120 && found.to < 100_300);
  assert.equal(timeOfMost(short), null, "all of them can be seen");
  assert.equal(timeOfMost(short.slice(0, 3)), null);
});
