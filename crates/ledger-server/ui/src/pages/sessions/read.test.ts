import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../test/browser.ts";
import { source, written } from "../../lib/json.ts";
import { editsOf, readCheckpoints, readDelta, readSession, readSessions } from "./read.ts";

const asked: string[] = [];
const never = new AbortController().signal;

/** Has the server answer so from now on. */
function answers(text: string): void {
  globalThis.fetch = async (address) => {
    asked.push(String(address));
    return new Response(text);
  };
}

const EDIT = '{"op":"insert","target":"p-1","payload":{"n":12345678901234567890,"x":1.10}}';
const [LOW, HIGH] = ["9007199254740992", "9007199254740993"];

test("edits have all digits of their stamps and of what was done", async () => {
  const edit = (offset: number, lamport: string) => `{"offset":${offset},"id":"e${offset}","lamport":${lamport},"edit":${EDIT}}`;
  const edits = `[${edit(1, LOW)}, ${edit(2, HIGH)},${edit(3, "null")}]`;
  answers(`{"session":{"lamport":${HIGH}},"edits":${edits},"claims":[]}`);
  const looked = await readSession("a/b", { most: 3, as_of: "7" }, never);
  assert.equal(asked.pop(), "/api/v1/sessions/a%2Fb?most=3&as_of=7");
  assert.deepEqual([looked.lamport, looked.edits], [HIGH, edits]);
  const found = editsOf(looked);
  assert.deepEqual(found.map(({ id, lamport }) => [id, lamport]), [["e1", BigInt(LOW)], ["e2", BigInt(HIGH)], ["e3", null]]);
  assert.deepEqual([found[0]!.op, found[0]!.target, source(found[0]!.edit)], ["insert", '"p-1"', EDIT]);
});

test("an edit of another program is read as far as it is one", () => {
  const edits = '[{"lamport":1,"edit":{"type":"insert", "target": {"id":10000000000000000001}}}]';
  const [found] = editsOf({ overview: { edits: JSON.parse(edits) }, lamport: "1", edits } as Parameters<typeof editsOf>[0]);
  assert.deepEqual([found!.op, found!.target], ["undefined", '{"id":10000000000000000001}']);
  assert.equal(written(found!.edit), '{"type":"insert","target":{"id":10000000000000000001}}');
});

test("the list of sessions has all digits of their stamps", async () => {
  answers(`{"sessions":[{"session_id":"s","lamport":${HIGH},"events":2},{"lamport": 0}],"total":2}`);
  const found = await readSessions({ limit: 50, offset: 0, as_of: null }, never);
  assert.equal(asked.pop(), "/api/v1/sessions?limit=50&offset=0");
  assert.deepEqual([found.total, found.sessions.map(({ lamport }) => lamport)], [2, [HIGH, "0"]]);
});

test("changes and checkpoints have all digits", async () => {
  answers(`{"after":4,"changes":[{"edit":${EDIT},"of":["e1","e2"]}],"summary":"1 insert"}`);
  const delta = await readDelta("s", { domain: "doc" }, never);
  assert.deepEqual([asked.pop(), delta.after], ["/api/v1/sessions/s/delta?domain=doc", 4]);
  assert.deepEqual(delta.changes, [{ edit: EDIT, of: ["e1", "e2"] }]);
  answers(`{"checkpoints":[{"snapshot":"x","lamport":${HIGH},"last":{"ann":{"lamport":1}},"offset":3}]}`);
  const [checkpoint] = await readCheckpoints("s", { limit: 20 }, never);
  assert.deepEqual([asked.pop(), checkpoint!.lamport], ["/api/v1/sessions/s/checkpoints?limit=20", HIGH]);
});
