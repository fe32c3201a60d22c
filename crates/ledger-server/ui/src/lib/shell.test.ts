import assert from "node:assert/strict";
import { test } from "node:test";
import "../../test/browser.ts";
import type { Recorded } from "../pages/events/read.ts";
import { signedIn } from "./api.ts";
import { appendCommand, curlCommand, editCommand, exportCommand, showCommand } from "./shell.ts";
import { ledger, need, operand, option, quoted } from "./shell.ts";

const whole = {
  offset: 7,
  id: "o-1",
  run_id: "r 1",
  turn: 0,
  kind: "order.placed",
  actor: "ann",
  payload: {},
  created_at: "2026-01-31T12:00:00.000001Z",
  recorded_at: "2026-01-31T12:00:01.000000Z",
  schema_version: 1,
  session_id: null,
  model_profile: null,
  model_id: null,
  parents: [],
  lamport: null,
  tags: [],
};

function one(change: Partial<Recorded["event"]> = {}, payload = '{"a":"it\'s"}'): Recorded {
  return { event: { ...whole, ...change }, payload, lamport: null, line: "" };
}

test("words are quoted where a shell would read more than the word", () => {
  const words = ["a-1:b", "", "a b", "it's", "$(x)", "~", "order.*"];
  assert.deepEqual(words.map(quoted), ["a-1:b", "''", "'a b'", "'it'\\''s'", "'$(x)'", "'~'", "'order.*'"]);
});

test("a name is never taken for a flag", () => {
  assert.deepEqual(["a", "-a", "-$(x)"].map(operand), ["a", "-- -a", "-- '-$(x)'"]);
  assert.deepEqual(["a b", "-a"].map((name) => option("run", name)), ["--run 'a b'", "--run=-a"]);
});

const LEDGER = "ledger --url http://ledger.test";

test("a command goes to the server that the page is of", () => {
  assert.equal(ledger("head"), `${LEDGER} head`);
  assert.equal(ledger("session", operand("-s 1")), `${LEDGER} session -- '-s 1'`);
  const { location } = globalThis;
  Object.defineProperty(globalThis, "location", { value: { origin: "http://[::1]:7070" }, configurable: true });
  assert.equal(ledger("head"), "ledger --url 'http://[::1]:7070' head");
  Object.defineProperty(globalThis, "location", { value: location, configurable: true });
});

test("that a token is needed is told where it is", () => {
  assert.equal(need(), undefined);
  for (const auth of ["open", "token"] as const) {
    signedIn.value = { auth, caller: null, scopes: [] };
    assert.equal(need()?.includes("LEDGER_API_TOKEN") ?? false, auth === "token");
  }
  signedIn.value = null;
});

test("an event can be shown, asked for and recorded anew", () => {
  assert.equal(showCommand(one()), `${LEDGER} show o-1`);
  assert.equal(showCommand(one({ id: "12" })), `${LEDGER} show 7`);
  assert.equal(showCommand(one({ id: "--x" })), `${LEDGER} show -- --x`);
  assert.equal(
    appendCommand(one({ tags: ["-k:v", "job:9"], turn: 2 })),
    `${LEDGER} append --kind order.placed --id o-1 --run 'r 1' --turn 2 --actor ann --tag=-k:v --tag job:9 ` +
      "--at 2026-01-31T12:00:00.000001Z --payload '{\"a\":\"it'\\''s\"}'",
  );
  assert.match(appendCommand(one({}, `"${"x".repeat(200_000)}"`)), /--payload - <<'JSON'\n"x+"\nJSON$/);
  const edit = `doc '{"op":"insert","target":"p-1","position":0}'`;
  assert.equal(editCommand("s-1"), `${LEDGER} edit --actor ann s-1 ${edit}`);
  assert.equal(editCommand("-s"), `${LEDGER} edit --actor ann -- -s ${edit}`);
  assert.equal(curlCommand(7, "http://h:1", false), "curl -sS http://h:1/api/v1/events/7");
  const withToken = 'curl -sS -H "Authorization: Bearer $LEDGER_API_TOKEN" http://h:1/api/v1/events/7';
  assert.equal(curlCommand(7, "http://h:1", true), withToken);
});

test("filters become flags", () => {
  const none = { kind: [], run: [], actor: [], session: [], tag: [], any_tag: [], since: [], until: [] };
  assert.equal(exportCommand(none, { up_to: null }), `${LEDGER} export`);
  assert.equal(exportCommand(none, { after: 0, up_to: 0 }), `${LEDGER} export --as-of 0`);
  const some = { ...none, kind: ["order.*", "a.b"], any_tag: ["k:v"] };
  const words = `${LEDGER} export --kind 'order.*' --kind a.b --any-tag k:v --after 4 --as-of 17`;
  assert.equal(exportCommand(some, { after: 4, up_to: "17" }), words);
});
