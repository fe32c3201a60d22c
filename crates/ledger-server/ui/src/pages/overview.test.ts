import assert from "node:assert/strict";
import { test } from "node:test";
import "../../test/browser.ts";
import { statusOf } from "./overview.tsx";

test("what failed is asked for by how it ended, and not at all where that was in both ways", () => {
  assert.equal(statusOf({ failed: 43, timed_out: 0 }), "error");
  assert.equal(statusOf({ failed: 0, timed_out: 17 }), "timeout");
  assert.equal(statusOf({ failed: 43, timed_out: 17 }), null);
  assert.equal(statusOf({ failed: 0, timed_out: 0 }), null);
});
