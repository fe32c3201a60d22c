import assert from "node:assert/strict";
import { test } from "node:test";
import { cutsIn, fold, scaleOf, shows, timeOf, xOf } from "./fold.ts";

const rule = { least: 10, share: 0.1 };

test("idle time is cut where it is long, and what overlaps is one piece", () => {
  const spans = [{ from: 500, to: 600 }, { from: 0, to: 50 }, { from: 40, to: 100 }, { from: 105, to: 110 }];
  assert.deepEqual(fold(spans, rule), [{ from: 0, to: 110 }, { from: 500, to: 600 }]);
  assert.deepEqual(fold([], rule), []);
});

test("a gap that is little of the rest stays", () => {
  const spans = [{ from: 0, to: 1_000 }, { from: 1_050, to: 2_000 }];
  assert.deepEqual(fold(spans, rule), [{ from: 0, to: 2_000 }]);
  assert.equal(fold(spans, { least: 10, share: 0.01 }).length, 2);
});

test("every time has its place, in order, and comes back from there", () => {
  const scale = scaleOf([{ from: 0, to: 100 }, { from: 1_000, to: 1_300 }, { from: 5_000, to: 5_000 }], 800, null);
  const times = [0, 10, 99, 100, 1_000, 1_150, 1_300];
  const places = times.map((time) => xOf(scale, time));
  assert.deepEqual(places, [...places].sort((a, b) => a - b));
  times.forEach((time, at) => assert.ok(Math.abs(timeOf(scale, places[at]!) - time) < 1e-6, `${time}`));
  assert.equal(xOf(scale, -5), 0);
  assert.equal(xOf(scale, 9_000), 800);
  assert.ok(xOf(scale, 5_000) > 780 && xOf(scale, 5_000) < 800, "an instant has room around it");
  assert.equal(timeOf(scale, 800), 5_000);
  const last = scale.parts[scale.parts.length - 1]!;
  assert.ok(Math.abs(last.x + last.width - 800) < 1e-6, "the screen is full");
});

test("a view shows a part of the pieces, and one between them shows itself", () => {
  const pieces = [{ from: 0, to: 100 }, { from: 1_000, to: 1_300 }];
  const scale = scaleOf(pieces, 500, { from: 50, to: 1_100 });
  const parts = scale.parts.map(({ from, to, cut }) => [from, to, cut]);
  assert.deepEqual(parts, [[50, 100, false], [100, 1_000, true], [1_000, 1_100, false]]);
  assert.equal(cutsIn(scale).length, 1);
  assert.ok(shows(scale, { from: 0, to: 60 }) && !shows(scale, { from: 1_200, to: 1_250 }));
  assert.deepEqual(scaleOf(pieces, 500, { from: 200, to: 300 }).parts.map(({ from, to }) => [from, to]), [[200, 300]]);
});

test("very many cuts leave room for what is shown", () => {
  const spans = Array.from({ length: 500 }, (_, at) => ({ from: at * 1_000_000, to: at * 1_000_000 + 1 }));
  const scale = scaleOf(fold(spans, rule), 300, null);
  assert.ok(scale.parts.every((part) => part.width > 0));
  assert.ok(cutsIn(scale).length <= 60);
});
