import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../test/browser.ts";
import { toldOf } from "./told.ts";

test("an operation is read as it was recorded", () => {
  const told = toldOf({
    operation: "load",
    status: "late",
    inputs: { from: { artifact: "in/a" }, limit: { value: 5 } },
    outputs: ["out/b"],
    columns: { x: ["in/a.x"], y: [] },
    sql: "select 1",
    duration_us: 7,
    project: null,
    own: [1],
  });
  assert.deepEqual([told.operation, told.status, told.sql, told.error], ["load", "late", "select 1", undefined]);
  assert.deepEqual([told.reads, told.given, told.outputs], [["in/a"], ["limit"], ["out/b"]]);
  assert.deepEqual(told.columns, [["x", ["in/a.x"]], ["y", []]]);
  assert.deepEqual([told.facts, told.others], [{ duration_us: 7 }, { own: [1] }]);
});

test("what is not as operations say it is kept apart", () => {
  const odd = {
    status: 7,
    outputs: { a: 1 },
    columns: { a: null, x: 5, y: ["z"] },
    sql: { a: 1 },
    started_at: "soon",
    rows_affected: "many",
    job: { toString: 1 },
  };
  const told = toldOf({ ...odd, inputs: { a: null, b: "c", d: [], e: {} } });
  assert.deepEqual(told.others, odd);
  assert.deepEqual([told.facts, told.outputs, told.columns], [{}, [], [["y", ["z"]]]]);
  assert.deepEqual([told.status, told.sql, told.reads], [undefined, undefined, []]);
  assert.deepEqual(told.given, ["a", "b", "d", "e"]);
  for (const payload of [null, undefined, "text", 5, [], [null], { inputs: [null], columns: [null], outputs: "text" }]) {
    const { reads, given, outputs, columns, facts } = toldOf(payload);
    assert.deepEqual([reads, given, outputs, columns, facts], [[], [], [], [], {}], JSON.stringify(payload));
  }
});
