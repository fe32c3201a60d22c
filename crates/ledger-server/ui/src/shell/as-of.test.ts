import assert from "node:assert/strict";
import { test } from "node:test";
import "../../test/browser.ts";
import { offsetOf } from "./as-of.tsx";

const asked: string[] = [];
globalThis.fetch = async (address) => {
  asked.push(String(address));
  return new Response('{"head":77}');
};
const when = () => new URL(asked.at(-1)!, "http://ledger.test").searchParams.get("as_of")!;

test("an offset, a time and a span are asked of the server, which knows the offset", async () => {
  assert.equal(await offsetOf(" 1200 "), 77);
  assert.equal(when(), "1200");
  await offsetOf("2026-01-31T12:00:00.123456Z");
  assert.equal(when(), "2026-01-31T12:00:00.123456Z");
  await offsetOf("2026-01-31T12:00:00");
  assert.equal(when(), "2026-01-31T11:00:00.000Z", "a time without a zone is of the viewer's");
  await offsetOf("2h");
  assert.ok(Math.abs(Date.now() - Date.parse(when()) - 7_200_000) < 5_000, when());
});

test("what is no time is told, and not asked", async () => {
  const before = asked.length;
  for (const text of ["", "soon", "5 apples", "-3", "2 years"]) await assert.rejects(offsetOf(text), /how long ago/, text);
  assert.equal(asked.length, before);
});
