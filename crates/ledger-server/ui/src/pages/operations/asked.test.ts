import assert from "node:assert/strict";
import { test } from "node:test";
import { visit } from "../../../test/browser.ts";
import { here, startRouter } from "../../lib/router.ts";
import { asked, filtered, forField, goesOn, length, pace, parts, writeMark } from "./asked.ts";
import { rate } from "./rate.ts";

startRouter();

test("the last day is asked for, unless the address says when", () => {
  visit("/operations");
  assert.equal(asked().period, "24h");
  assert.equal(length(), 86_400_000);
  visit("/operations?period=2h&command=load&other=1");
  assert.deepEqual([asked().period, asked().command, asked().other], ["2h", "load", undefined]);
  assert.equal(filtered(), 1);
  visit("/operations?period=2h&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z");
  assert.deepEqual([asked().period, asked().from, asked().to], [null, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]);
  assert.equal(length(), 86_400_000);
});

test("what is over is not read again, and what is long less often", () => {
  visit("/operations?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z");
  assert.deepEqual([goesOn(), pace()], [false, 0]);
  visit("/operations?period=1h&as_of=7");
  assert.equal(pace(), 0);
  const paces = ["1h", "24h", "7d", "30d"].map((period) => {
    visit(`/operations?period=${period}`);
    return pace();
  });
  assert.deepEqual(paces, [2_000, 5_000, 20_000, 60_000]);
  assert.equal(parts(), 60);
});

test("a time stands in its field as the browser writes it, by the viewer's clock", () => {
  const times = ["2026-01-31T12:34:56.789Z", "2026-01-31T12:34:00Z", "2026-07-31T23:00:00Z", "2026-01-31T12:00:00Z"];
  const written = ["2026-01-31T13:34:56", "2026-01-31T13:34", "2026-08-01T01:00", "2026-01-31T13:00"];
  assert.deepEqual(times.map(forField), written);
  assert.deepEqual(["", "soon"].map(forField), ["", ""]);
});

test("an address of the page keeps what it does not change", () => {
  visit("/operations?period=7d&command=load&as_of=9&op=4");
  assert.equal(here({ command: null, status: "error" }), "/operations?period=7d&as_of=9&op=4&status=error");
});

test("numbers do not say less than they know", () => {
  assert.deepEqual([0, 0.00001, 0.5, 0.99999, 1].map(rate), ["0 %", "< 0.1 %", "50 %", "> 99.99 %", "100 %"]);
  assert.deepEqual([0, 0.1, 100, 1_000, 1_000_000].map(writeMark), ["0 ms", "100 µs", "100 ms", "1 s", "1,000 s"]);
});
