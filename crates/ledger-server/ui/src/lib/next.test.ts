import assert from "node:assert/strict";
import { test } from "node:test";
import { nextOf } from "./next.ts";

test("only places of this site come next", () => {
  assert.equal(nextOf("/runs/r-1?as_of=3"), "/runs/r-1?as_of=3");
  const others = ["", "runs", "//elsewhere.org", "/\\elsewhere.org", "https://elsewhere.org", "/\t/elsewhere.org"];
  for (const text of [null, ...others, "/sign-in?next=/"]) {
    assert.equal(nextOf(text), "/", String(text));
  }
});
