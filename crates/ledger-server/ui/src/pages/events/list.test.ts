import assert from "node:assert/strict";
import { test } from "node:test";
import { visit } from "../../../test/browser.ts";
import { startRouter } from "../../lib/router.ts";
import { whereOf } from "./list.tsx";

startRouter();

test("where nothing is says from which part of the log one looks", () => {
  visit("/events");
  assert.equal(whereOf({ at: 0, order: "desc" }), " up to offset 0");
  assert.equal(whereOf({ at: 1_200, order: "asc" }), " from offset 1,200 on");
  visit("/events?as_of=7");
  assert.equal(whereOf({ at: null, order: "desc" }), " as of offset 7");
  assert.equal(whereOf({ at: 3, order: "desc" }), " up to offset 3, as of offset 7");
  visit("/events");
});
