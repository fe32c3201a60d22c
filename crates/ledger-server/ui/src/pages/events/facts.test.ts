import assert from "node:assert/strict";
import { test } from "node:test";
import { visit } from "../../../test/browser.ts";
import { startRouter } from "../../lib/router.ts";
import { sessionPath } from "./facts.tsx";

startRouter();

test("the way to the session of an edit leads to that edit, and that of another event to the session", () => {
  visit("/events/17");
  assert.equal(sessionPath("a/b", { kind: "session.operation", offset: 17 }), "/sessions/a%2Fb?at=17");
  assert.equal(sessionPath("a/b", { kind: "session.checkpoint", offset: 17 }), "/sessions/a%2Fb");
  visit("/events/17?as_of=20");
  assert.equal(sessionPath("s", { kind: "session.operation", offset: 17 }), "/sessions/s?at=17&as_of=20");
  visit("/");
});
