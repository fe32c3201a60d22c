import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { visit } from "../../../test/browser.ts";
import { nowhere, pass } from "../../../test/hooks.ts";
import { h, render } from "preact";
import { link } from "../../lib/live.ts";
import { type RunEvents, useRunEvents } from "./use-run-events.ts";

test("events that cannot be read although the server is there are asked for twice more, and then by the viewer", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  visit("/runs/r-1");
  link.value = "live";
  let [asked, down] = [0, true];
  globalThis.fetch = async (address) => {
    asked += 1;
    if (down) throw new TypeError("Failed to fetch");
    return Response.json({ events: String(address).includes("after=7") ? [] : [{ offset: 7 }], next: null });
  };
  const seen: { now: RunEvents | null } = { now: null };
  const parent = nowhere();
  const show = (what: ReturnType<typeof h> | null) => render(what, parent);
  const Page = () => {
    seen.now = useRunEvents("r-1", false);
    return null;
  };
  show(h(Page, {}));
  await pass(200);
  assert.deepEqual([asked, seen.now!.problem?.code], [1, "unreachable"]);
  await pass(10_000);
  assert.deepEqual([asked, seen.now!.problem?.code], [3, "unreachable"]);
  down = false;
  seen.now!.again();
  seen.now!.again();
  await pass(200);
  assert.deepEqual([seen.now!.problem, seen.now!.events.length, seen.now!.whole], [null, 1, true]);
  assert.equal(asked, 4, "once, though asked for twice; and nothing is read behind the first page, which has all there is");
  show(null);
  link.value = "connecting";
  mock.timers.reset();
});
