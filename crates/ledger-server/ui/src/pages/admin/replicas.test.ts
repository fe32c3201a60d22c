import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../test/browser.ts";
import { type Replica, lagOf, stateOf, worst } from "./replicas.ts";

const replica = (name: string, behind: number | null, lag_seconds: number | null, problem: string | null = null): Replica => ({
  name,
  position: behind === null ? null : 100 - behind,
  behind,
  lag_seconds,
  problem,
});

test("a replica has all, is behind for so long, or nothing is known of it", () => {
  const said = (one: Replica) => [stateOf(one), lagOf(one)];
  assert.deepEqual(said(replica("a", 0, 0)), ["good", "✓ has all"]);
  assert.deepEqual(said(replica("a", 3, 1.5)), ["good", "1.5 s behind"]);
  assert.deepEqual(said(replica("a", 3, 60)), ["warn", "1 min behind"]);
  // When that was recorded is not known: it was not told in time.
  assert.deepEqual(said(replica("a", 3, null, "since when was not found in time")), ["warn", "behind"]);
  assert.deepEqual(said(replica("a", null, null, "no answer")), ["bad", "✕ not known"]);
});

test("of several the worst is told: away before behind, and of two behind the older", () => {
  const [well, late, later] = [replica("a", 0, 0), replica("b", 9, 61), replica("c", 1, 900)];
  const away = replica("d", null, null, "no");
  assert.equal(worst([well, late, later, away]), away);
  assert.equal(worst([later, well, late]), later);
  assert.equal(worst([well]), well);
  assert.equal(worst([]), null);
});
