import assert from "node:assert/strict";
import { test } from "node:test";
import { piece, source } from "../../lib/json.ts";
import { compareEvents, isOne, shown, sumOf } from "./comparison.ts";
import { butForRuns, differences } from "./diff.ts";
import { type Event, isFailure, operationsOf, usesOf } from "./operations.ts";
import { outcomeOf } from "./outcome.ts";

let offset = 0;
const START = Date.parse("2026-01-04T10:00:00Z");
const at = (ms: number) => new Date(START + ms).toISOString();
const event = (run_id: string, kind: string, ms: number, payload: unknown): Event =>
  ({ offset: ++offset, run_id, turn: 0, kind, actor: "ann", payload, created_at: at(ms) }) as unknown as Event;

const told = (events: Event[]) => events.map((event) => ({ event, payload: JSON.stringify(event.payload) }));

const operation = (run: string, name: string, ms: number, took: number, more: object = {}) => {
  const inputs = { t: { artifact: "raw" }, n: { value: 3 } };
  const told = { id: `${run}-${name}`, operation: name, started_at: at(ms), inputs };
  const end = { finished_at: at(ms + took), duration_us: took * 1_000, status: "success" };
  const ended = { ...told, outputs: [`${run}/out`], ...end, ...more };
  return [event(run, "operation.started", ms, told), event(run, "operation.finished", ms + took, ended)];
};

test("a start and an end are one operation, and what cannot be read is an event", () => {
  const open = operation("r", "open", 50, 1)[0]!;
  const payloads = [1, [], null, { id: 7 }, { id: "x", operation: "y", started_at: "soon" }];
  const odd = payloads.map((payload) => event("r", "operation.finished", 9, payload));
  const end = event("r", "run.finished", 90, {});
  const { operations, others } = operationsOf([...operation("r", "load", 0, 20), open, ...odd, end]);
  const found = operations.map(({ name, outcome, duration }) => [name, outcome, duration]);
  assert.deepEqual(found, [["load", "success", 20], ["open", "open", null]]);
  assert.equal(operations[1]!.to, START + 90, "what has not ended goes on as far as is known");
  assert.equal(others.length, 6);
  assert.deepEqual(usesOf(operations), [
    { artifact: "r/out", read: 0, written: 1, failed: 0, open: 0 },
    { artifact: "raw", read: 2, written: 0, failed: 0, open: 0 },
  ]);
});

test("failures are operations that did not end well, and events that say so", () => {
  assert.ok(isFailure(operation("r", "a", 0, 1, { status: "timeout" })[1]!));
  const are = (kinds: string[]) => kinds.filter((kind) => isFailure(event("r", kind, 0, {})));
  const bad = ["step.failed", "load_error", "worker.crashed", "job.killed", "error.raised", "task.failed.finally"];
  const told = ["failure.detected", "load.timeout_reached", "worker.timed_out", "worker.timed-out.twice", "error_rate.exceeded"];
  assert.deepEqual(are([...bad, ...told]), [...bad, ...told]);
  const values = ["timeout.changed", "error_rate.measured", "timeout_set", "timeout-updated"];
  assert.deepEqual(are([...values, "step.done", "terror", "done_with_errors"]), []);
});

test("two runs that did the same differ in nothing", () => {
  const run = (name: string, base: number) => [
    event(name, "run.started", base, { goal: name }),
    ...operation(name, "load", base, 20),
  ];
  const rows = compareEvents(told(run("run-17", 0)), told(run("run-18", 5_000)));
  assert.equal(rows.filter(shown.differences).length, 0);
  assert.deepEqual(rows.map((row) => row.b!.since), [0, 0, 20]);
});

test("what was found of a pair is kept, unless a payload is another one by now", () => {
  const said = (run: string, n: number) => event(run, "step.done", 0, { n });
  const [a, b] = [[said("run-a", 1), said("run-a", 5)], [said("run-b", 2), said("run-b", 6)]];
  const before = compareEvents(told(a), told(b));
  before[0]!.fields[0]!.path = "kept";
  const now = told(b);
  now[1]!.payload = '{"n": 7,"m":1}';
  const rows = compareEvents(told(a), now, before);
  assert.deepEqual(rows.map((row) => row.fields.map((field) => field.path)), [["kept"], ["n", "m"]]);
  assert.equal(rows[0]!.fields[0]!.b!.text, now[0]!.payload);
  assert.equal(source(rows[0]!.fields[0]!.b!), "2");
  assert.equal(rows[1]!.fields[1]!.a, undefined);
});

test("what is missing, what took longer and what says other things is found", () => {
  const a = [event("run-a", "run.started", 0, {}), ...operation("run-a", "load", 0, 20, { rows_affected: 5 })];
  const b = [event("run-b", "plan.made", 0, {}), ...operation("run-b", "load", 0, 80, { rows_affected: 7, status: "error" })];
  const rows = compareEvents(told(a), told(b));
  assert.deepEqual(rows.filter(isOne).map((row) => row.kind), ["run.started", "plan.made"]);
  const slower = rows.filter(shown.time);
  assert.deepEqual(slower.map((row) => [row.name, row.ratio, row.isSlower]), [["load", 4, true]]);
  assert.deepEqual(slower[0]!.fields.map((field) => field.path), ["status", "rows_affected"]);
  assert.deepEqual(sumOf(b), { operations: 1, failures: 1, rows: 7, took: 80 });
});

function found(a: string, b: string, but?: ReadonlySet<string>) {
  const all = differences(piece(a), piece(b), butForRuns("run-1", "run-2"), but);
  return all.map((one) => [one.path, one.a ? source(one.a) : null, one.b ? source(one.b) : null]);
}

test("payloads differ by path, and as a whole where they are deep", () => {
  assert.deepEqual(found('{"a":1,"b":[1,{"c":"run-1/x"}]}', '{"b":[2,{"c":"run-2/x"},3],"a": 1}'), [
    ["b[0]", "1", "2"],
    ["b[2]", null, "3"],
  ]);
  const deep = (n: number) => `{"a":{"b":{"c":{"d":{"e":${n}}}}}}`;
  assert.deepEqual(found(deep(1), deep(2)), [["a.b.c.d", '{"e":1}', '{"e":2}']]);
  assert.deepEqual(found(deep(1), deep(1).replaceAll(":", " : ")), [], "blanks mean nothing");
  assert.deepEqual(found("1", '{"a":1}'), [["", "1", '{"a":1}']]);
  assert.deepEqual(found('{"a":[]}', '{"a":{}}'), [["a", "[]", "{}"]]);
  assert.deepEqual(found('{"id":1,"x":1}', '{"id":2,"x":1}', new Set(["id"])), []);
  assert.equal(found('{"__proto__": 1, "constructor": 2}', "{}").length, 2);
});

test("numbers differ by their digits, of which JavaScript would lose some", () => {
  const [a, b] = ["12345678901234567890", "12345678901234567891"];
  assert.equal(JSON.parse(a), JSON.parse(b));
  const said = (n: string) => ({ event: event("r", "step.done", 0, {}), payload: `{"n":${n},"of":{"d":[0.10]}}` });
  const [row] = compareEvents([said(a)], [said(b)]);
  assert.ok(shown.fields(row!));
  assert.deepEqual(row!.fields.map((field) => [field.path, source(field.a!), source(field.b!)]), [["n", a, b]]);
  assert.deepEqual(found('{"n":0.10}', '{"n":0.1}'), [["n", "0.10", "0.1"]]);
});

test("the name of a run is passed over in strings and as a number, and not among the digits of another", () => {
  const of = (a: string, b: string) => differences(piece(a), piece(b), butForRuns("123", "124")).length;
  assert.equal(of('{"a":"x/123","b":123,"c":[["\\"123"]]}', '{"a":"x/124","b":124,"c":[["\\"124"]]}'), 0);
  assert.equal(of("10000000000000123", "10000000000000124"), 1);
});

test("a run failed when its reason says so", () => {
  const ended = (reason?: string) => outcomeOf({ state: "finished", reason });
  assert.deepEqual(["failed", "step 3: timed out", "load_error", "crashed"].map(ended), Array(4).fill("failed"));
  assert.deepEqual([undefined, "done", "done, 0 errors", "terror watch"].map(ended), Array(4).fill("finished"));
  assert.equal(outcomeOf({ state: "open" }), "open");
});
