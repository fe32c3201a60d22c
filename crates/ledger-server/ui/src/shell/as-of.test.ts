import assert from "node:assert/strict";
import { test } from "node:test";
import { bar, visit } from "../../test/browser.ts";
import { nowhere } from "../../test/hooks.ts";
import { h, render } from "preact";
import { asOf, startRouter } from "../lib/router.ts";
import { isLater } from "../pages/operations/detail.tsx";
import { offsetOf, useOffset } from "./as-of.tsx";

startRouter();

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

const until = async (what: string, is: () => boolean) => {
  const end = Date.now() + 2_000;
  while (!is()) {
    assert.ok(Date.now() < end, `expected: ${what}`);
    await new Promise((done) => setTimeout(done, 2));
  }
};

/** Renders what every view stands in, but for the view. */
function frame() {
  const seen: { held: ReturnType<typeof useOffset> } = { held: null };
  const parent = nowhere();
  const show = (what: ReturnType<typeof h> | null) => render(what, parent);
  const Frame = () => {
    seen.held = useOffset();
    return null;
  };
  show(h(Frame, {}));
  return { seen, end: () => show(null) };
}

test("a time in the address becomes the offset that it stands for, before any view compares with it", async () => {
  const time = "2026-11-20T10:00:00Z";
  visit(`/events/78?as_of=${time}&by=offset`);
  const { seen, end } = frame();
  assert.ok(seen.held, "no view is shown yet");
  await until("it is an offset", () => seen.held === null);
  assert.equal(when(), time);
  assert.deepEqual(bar.moves, [["replace", "/events/78?by=offset&as_of=77"]], "the way back does not lead through the time");
  assert.deepEqual([asOf.value, isLater(78), isLater(77)], ["77", true, false]);

  const before = asked.length;
  for (const address of ["/?as_of=1200", "/", "/?as_of="]) {
    visit(address);
    await new Promise((done) => setTimeout(done, 20));
    assert.deepEqual([seen.held, bar.moves], [null, []], `expected that ${address} stays`);
  }
  assert.equal(asked.length, before, "an offset is taken as it is");

  visit("/runs?as_of=2026-11-20T10:00:00+01:00");
  await until("it is an offset, too", () => asOf.value === "77");
  assert.equal(when(), "2026-11-20T10:00:00+01:00", "a plus that was not escaped is one");
  end();
});

test("what stands in the address and is no time is told, and the address stays", async () => {
  const before = asked.length;
  visit("/events?as_of=soon");
  const { seen, end } = frame();
  await until("that is told", () => /how long ago/.test(seen.held?.problem?.detail ?? ""));
  assert.deepEqual([asOf.value, bar.moves, asked.length], ["soon", [], before]);
  end();
});
