import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../test/browser.ts";
import { type Stats, heatOf, legendOf, narrowed, shadeOf, stepAt, stepOf } from "./heat.ts";
import { MOST, slowFrom } from "./slow.ts";

const at = (minute: number) => `2026-01-01T00:0${minute}:00.000000Z`;

/** Numbers of which only a part is looked at. */
function stats(some: Partial<Stats>): Stats {
  return { series: [0, 1, 2].map((minute) => ({ from: at(minute) })), to: at(3), histogram: [], ...some } as Stats;
}

test("steps are those of the server", () => {
  const begins = [0, 0.001, 0.002, 0.005, 0.01, 0.5, 1, 2, 5, 10, 20_000, 500_000, 1e9];
  assert.deepEqual(begins.map((ms) => stepAt(stepOf(ms))), begins);
  assert.deepEqual([0, 0.001, 0.002, 0.005, 0.01].map(stepOf), [-1, 0, 1, 2, 3]);
});

test("a heat map adds up its commands, and has empty rows between the others", () => {
  const heat = [
    { command: "load", from: at(0), bins: [{ from_ms: 1, to_ms: 2, count: 3 }] },
    { command: "copy", from: at(0), bins: [{ from_ms: 1, to_ms: 2, count: 4 }] },
    { command: "copy", from: at(2), bins: [{ from_ms: 10, to_ms: 20, count: 1 }] },
  ];
  const all = heatOf(stats({ heat }), null);
  assert.deepEqual(all.durations, [1, 2, 5, 10, 20]);
  assert.deepEqual(all.times, [0, 1, 2, 3].map(at));
  assert.deepEqual(
    all.cells.map(({ column, row, count, commands }) => [column, row, count, commands]),
    [
      [0, 0, 7, [["copy", 4], ["load", 3]]],
      [2, 3, 1, [["copy", 1]]],
    ],
  );
  assert.equal(all.most, 7);
  assert.deepEqual(narrowed(all, all.cells[1]!), { from: at(2), to: at(3), period: null, min_duration_ms: 10 });
  assert.deepEqual(heatOf(stats({ heat }), "load").cells.map(({ count }) => count), [3]);
  assert.deepEqual(heatOf(stats({}), null).cells, []);
});

test("the legend names each shade that there is, and no count twice", () => {
  for (const most of [1, 2, 3, 7, 100, 12_345]) {
    const named = new Set(legendOf(most).map(({ shade }) => shade));
    const shades = new Set(Array.from({ length: most }, (_, less) => shadeOf(less + 1, most)));
    assert.deepEqual(named, shades, String(most));
  }
  assert.deepEqual(legendOf(1), [{ shade: 5, text: "1" }]);
  assert.deepEqual(legendOf(100).map(({ text }) => text), ["1 to 2", "3 to 6", "7 to 15", "16 to 39", "40 to 100"]);
});

test("the slowest are looked for among just enough", () => {
  const bin = (from_ms: number, count: number) => ({ from_ms, to_ms: 2 * from_ms, count });
  const histogram = [bin(1, 5_000), bin(2, 30), bin(5, 4)];
  assert.equal(slowFrom(stats({ total_operations: 5_034, histogram })), 2);
  assert.equal(slowFrom(stats({ total_operations: 3, histogram: [bin(0.5, 3)] })), 0);
  const crowded = { histogram: [bin(1, 30_000)], p95_duration_ms: 1.5, p99_duration_ms: 1.8, max_duration_ms: 9.9 };
  assert.equal(slowFrom(stats({ ...crowded, total_operations: 20 * MOST })), 1);
  assert.equal(slowFrom(stats({ ...crowded, total_operations: 1_000 * MOST })), 9);
  assert.equal(slowFrom(stats({ total_operations: 0 })), 0);
});
