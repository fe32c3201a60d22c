import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, brief, bytes, duration, local, offsetIn, percent } from "./format.ts";

test("durations are short and say their unit", () => {
  const written: [number, string][] = [
    [0, "0 ms"],
    [0.85, "850 µs"],
    [3.14159, "3.1 ms"],
    [12.4, "12 ms"],
    [3_400, "3.4 s"],
    [59_960, "60 s"],
    [125_000, "2 min 5 s"],
    [3_600_000, "1 h"],
    [11_520_000, "3 h 12 min"],
    [187_200_000, "2 d 4 h"],
    [-1_500, "-1.5 s"],
  ];
  for (const [ms, text] of written) assert.equal(duration(ms), text);
});

test("bytes and counts are rounded to three digits", () => {
  assert.deepEqual([0, 1_023, 1_024, 1_536, 10_485_760].map(bytes), ["0 B", "1023 B", "1.00 KiB", "1.50 KiB", "10.0 MiB"]);
  assert.deepEqual([0, 999, 1_000, 12_345, 999_999, 3_400_000].map(brief), ["0", "999", "1.00 k", "12.3 k", "1.00 M", "3.40 M"]);
  assert.deepEqual([0, 0.5, 0.9999, 1].map(percent), ["0 %", "50 %", "99.99 %", "100 %"]);
});

test("how long ago is told in one unit", () => {
  const now = 1_000_000_000_000;
  assert.equal(ago(now - 400, now), "now");
  assert.equal(ago(now - 12_900, now), "12 s ago");
  assert.equal(ago(now - 3_599_000, now), "59 min ago");
  assert.equal(ago(now + 180_000, now), "in 3 min");
  assert.equal(ago(now - 200_000_000, now), "2 d ago");
});

test("a time of today is a clock, and another has its date, in the viewer's zone", () => {
  const now = Date.parse("2026-07-01T12:00:00Z");
  assert.equal(local("2026-07-01T10:00:05.123456Z", now), "12:00:05");
  assert.equal(local("2026-06-30T23:30:00Z", now), "01:30:00");
  assert.equal(local("2026-01-31T22:00:00Z", now), "2026-01-31 23:00:00");
});

test("an offset is read as people write it and as it is shown", () => {
  for (const text of ["13245", "13,245", "#13,245", " #13245 "]) assert.equal(offsetIn(text), "13245", text);
  assert.equal(offsetIn("1,000,000"), "1000000");
  const none = ["", "#", "13,24", "1,2345", ",245", "2h", "-3", "13.245", "o-13245"];
  for (const text of none) assert.equal(offsetIn(text), null, text);
});
