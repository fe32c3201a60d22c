import assert from "node:assert/strict";
import { test } from "node:test";
import { scaleOf } from "./fold.ts";
import { clock, length, midnight, since, ticks } from "./ticks.ts";

test("ticks are round, apart, and within the screen", () => {
  const from = new Date(2026, 0, 4, 10, 3).getTime();
  const scale = scaleOf([{ from, to: from + 3_600_000 }], 900, null);
  const found = ticks(scale, clock, midnight, 100);
  assert.deepEqual(found.slice(0, 3).map((tick) => tick.text), ["2026-01-04 10:03", "10:10", "10:20"]);
  found.slice(1).forEach((tick, at) => assert.ok(tick.x - found[at]!.x >= 100));
  assert.ok(found[found.length - 1]!.x < 900);
});

test("another day is said where it begins", () => {
  const from = new Date(2026, 0, 4, 22).getTime();
  const scale = scaleOf([{ from, to: from + 4 * 3_600_000 }], 900, null);
  const texts = ticks(scale, clock, midnight, 100).map((tick) => tick.text);
  assert.ok(texts.includes("2026-01-05 00:00") && texts.includes("23:00"), texts.join());
});

test("a run counts from its start, however short it is", () => {
  const scale = scaleOf([{ from: 5_000.25, to: 5_000.75 }], 900, null);
  const texts = ticks(scale, since(5_000.25), () => 5_000.25, 100).map((tick) => tick.text);
  assert.deepEqual(texts.slice(0, 3), ["+0 ms", "+100 µs", "+200 µs"]);
});

test("lengths that are a step apart differ", () => {
  assert.equal(length(48_215.5, 0.1), "48.2155 s");
  assert.equal(length(48_000, 10), "48.00 s");
  assert.equal(length(5_585_000, 1_000), "1 h 33 min 5 s");
  assert.equal(length(120_000, 1_000), "2 min");
  assert.equal(length(59_999.9, 1_000), "1 min");
  assert.equal(length(90_061_000, 1_000), "1 d 1 h 1 min 1 s");
  assert.equal(length(12.5, 0.5), "12.5 ms");
});
