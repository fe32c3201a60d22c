import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../test/browser.ts";
import { sentence } from "./capacity.tsx";
import { draw } from "./forecast.ts";

const days = (values: number[]) => values.map((value, at) => ({ day: `2026-01-0${at + 1}T00:00:00.000000Z`, value }));

test("an even growth goes on, and nothing is off", () => {
  const drawn = draw(days([10, 20, 30]), 2, 0);
  assert.deepEqual(drawn.had, [10, 20, 30, null, null]);
  assert.deepEqual(drawn.expected, [null, null, 30, 40, 50]);
  assert.deepEqual(drawn.low, drawn.expected);
  assert.deepEqual(drawn.at.slice(3), ["2026-01-04T00:00:00.000Z", "2026-01-05T00:00:00.000Z"]);
});

test("one day ahead is as far off as the sum of one, and further days are further", () => {
  const drawn = draw(days([10, 30, 20, 40]), 1, 7);
  assert.equal(Math.round((drawn.high[4]! - drawn.expected[4]!) * 1e6) / 1e6, 7);
  const longer = draw(days([10, 30, 20, 40]), 5, 60);
  const off = longer.high.map((high, at) => (high ?? 0) - (longer.expected[at] ?? 0)).slice(4);
  assert.deepEqual(off, [...off].sort((one, other) => one - other));
  assert.ok(draw(days([30, 20, 10]), 5, 100).low.every((low) => low === null || low >= 0));
});

test("too few days are drawn as they were, and no more", () => {
  assert.deepEqual(draw(days([5]), 0, 0), { at: days([5])[0]!.day.split(" "), had: [5], expected: [5], low: [5], high: [5] });
});

test("a sentence tells what is expected, and how far off that may be", () => {
  const capacity = { days: [1, 2, 3].map(() => ({ day: "", operations: 0, bytes: 0 })), operations_per_day: 20 };
  const all = { ...capacity, bytes_per_day: 2_048, growth_per_day: 10 };
  const forecast = { days: 30, operations: 5_550, operations_error: 12.4, bytes: 1_048_576, bytes_error: 1_024 };
  assert.equal(
    sentence({ capacity: all, forecast }),
    "In 3 days, a day had 20 operations and 2.00 KiB in the mean, and each day has 10 more than the day before. " +
      "The next 30 days are expected to bring 5,550 operations, give or take 12, and 1.00 MiB, give or take 1.00 KiB; " +
      "95 times in 100 it is within that.",
  );
  assert.match(sentence({ capacity: { ...all, days: all.days.slice(1) }, forecast: null }), /it takes three\.$/);
});
