import assert from "node:assert/strict";
import { test } from "node:test";
import { filterNames, readFilter, timeOf, wrongAge } from "./filter.ts";

test("kinds are read with and without a star, and other filters by their name", () => {
  const read: [string, string, string][] = [
    ["order.placed", "kind", "order.placed"],
    ["order.*", "kind", "order.*"],
    ["order", "kind", "order.*"],
    ["order.", "kind", "order.*"],
    ["order*", "kind", "order.*"],
    ["Order.Placed", "kind", "order.placed"],
    [" actor:ann b ", "actor", "ann b"],
    ["any:job:9", "any_tag", "job:9"],
    ["customer:42", "tag", "customer:42"],
  ];
  for (const [text, name, value] of read) assert.deepEqual(readFilter("kind", text), { name, value }, text);
  assert.deepEqual(readFilter("tag", "run:5"), { name: "tag", value: "run:5" });
  assert.deepEqual(readFilter("run", "a:b"), { name: "run", value: "a:b" });
});

test("what cannot be a filter is told", () => {
  for (const text of ["order placed", "order.pl*", "*"]) assert.match(String(readFilter("kind", text)), /words with dots/, text);
  assert.match(String(readFilter("kind", "run:")), /key:value/);
  assert.match(String(readFilter("tag", "order")), /key:value/);
  assert.match(String(readFilter("since", "soon")), /how long ago/);
  assert.match(String(readFilter("kind", "a:b", filterNames.filter((name) => name !== "tag"))), /words with dots/);
});

test("times are exact, of this machine's clock, or so long ago", () => {
  const now = Date.parse("2026-07-01T12:00:00Z");
  assert.equal(timeOf("2026-01-31T12:00:00.123456Z", now), "2026-01-31T12:00:00.123456Z");
  assert.equal(timeOf("2h", now), "2026-07-01T10:00:00.000Z");
  assert.equal(timeOf("7d ago", now), "2026-06-24T12:00:00.000Z");
  assert.equal(timeOf("2026-06-30", now), new Date(2026, 5, 30).toISOString());
  assert.equal(timeOf("2026-06-30 08:15", now), new Date(2026, 5, 30, 8, 15).toISOString());
  assert.equal(timeOf("08:15", now), new Date(2026, 6, 1, 8, 15).toISOString());
  for (const text of ["yesterday", "2", "May 5", "2026-13-01"]) assert.equal(timeOf(text, now), null, text);
  assert.equal(timeOf("999999999w", now), null);
});

test("what is no age is named, and what would be one", () => {
  for (const text of ["12h", "3d", "90s", "never"]) assert.equal(wrongAge(text), null, text);
  for (const text of ["3", "3 d", "0d", "3 days", "1.5h", "-3d", "Never"]) {
    assert.match(wrongAge(text)!, new RegExp(`“${text}”.* 3d `));
  }
  assert.match(wrongAge("")!, /missing.* 3d /);
});
