import assert from "node:assert/strict";
import { test } from "node:test";
import { visit } from "../../test/browser.ts";
import { startRouter } from "../lib/router.ts";
import { added, asked, removed } from "./filters.tsx";

startRouter();

test("what the address asks for is read; of what may be there once, the first counts", () => {
  visit("/events?kind=a.b&kind=c.*&run=r-1&run=r-2&order=asc&as_of=9");
  const now = asked();
  assert.deepEqual([now.kind, now.run, now.actor], [["a.b", "c.*"], ["r-1"], []]);
  assert.ok(!("order" in now) && !("as_of" in now));
});

test("a filter is added to those of its name that there may be several of, and is else in the place of the other", () => {
  visit("/events?kind=a.b&run=r-1");
  assert.deepEqual(added("kind", "c.*"), { kind: ["a.b", "c.*"] });
  assert.deepEqual(added("run", "r-2"), { run: "r-2" });
  assert.deepEqual(added("tag", "job:9"), { tag: ["job:9"] });
  visit("/events?kind=a.b&kind=c.*");
  assert.deepEqual(added("kind", "a.b"), { kind: ["a.b", "c.*"] }, "one that is there already takes no other away");
});

test("a filter that is taken away leaves the others", () => {
  visit("/events?kind=a.b&kind=c.*&run=r-1");
  assert.deepEqual(removed("kind", "a.b"), { kind: ["c.*"] });
  assert.deepEqual(removed("run", "r-1"), { run: [] });
  assert.deepEqual(removed("tag", "a:b"), { tag: [] });
});
