import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { visit } from "../../../test/browser.ts";
import { nowhere, pass } from "../../../test/hooks.ts";
import { h, render } from "preact";
import { link } from "../../lib/live.ts";
import { type Log, useLog } from "./log.ts";

test("a part that cannot be read is asked for twice more, and what was read before it stays", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  visit("/operations");
  link.value = "live";
  const asked: string[] = [];
  let down = true;
  globalThis.fetch = async (address) => {
    const cursor = new URL(String(address), "http://h").searchParams.get("cursor");
    asked.push(cursor ?? "first");
    if (cursor && down) return Response.json({ code: "unavailable", detail: "it is away" }, { status: 503 });
    const operations = cursor ? [{ offset: 1 }] : Array.from({ length: 200 }, (_, at) => ({ offset: 201 - at }));
    return Response.json({ operations, next: cursor ? null : "op1", limit: 200, offset: 0 });
  };
  const seen: { now: Log | null } = { now: null };
  const parent = nowhere();
  const show = (what: ReturnType<typeof h> | null) => render(what, parent);
  const Page = () => {
    seen.now = useLog({}, "", 0);
    return null;
  };
  show(h(Page, {}));
  await pass(200);
  seen.now!.more!();
  await pass(60_000);
  assert.deepEqual(asked, ["first", "op1", "op1", "op1"]);
  assert.deepEqual([seen.now!.rows.length, seen.now!.problem?.status], [200, 503]);
  down = false;
  seen.now!.reload();
  await pass(200);
  assert.deepEqual([seen.now!.rows.length, seen.now!.problem, asked.length], [201, null, 5]);
  show(null);
  link.value = "connecting";
  mock.timers.reset();
});
