import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { visit } from "../../../test/browser.ts";
import { head, link } from "../../lib/live.ts";
import { Feed, type Question, rangeOf } from "./feed.ts";

visit("/events");

/** A server with so many events; `calls` are the queries that it was asked. */
function serve(count: number) {
  const ledger = { count, calls: [] as string[], down: false };
  head.value = count;
  globalThis.fetch = (async (address: string, init?: RequestInit) => {
    if (init?.signal?.aborted) throw new DOMException("gone", "AbortError");
    const { search, searchParams } = new URL(address, "http://ledger.test");
    ledger.calls.push(search);
    if (ledger.down) return Response.json({ code: "unavailable", detail: "the engine is away" }, { status: 503 });
    const asked = (name: string) => (searchParams.has(name) ? Number(searchParams.get(name)) : null);
    const desc = searchParams.get("order") === "desc";
    const from = Math.max(asked("after") ?? 0, desc ? 0 : (asked("cursor") ?? 0));
    const to = Math.min(asked("up_to") ?? ledger.count, ledger.count, desc && asked("cursor") ? asked("cursor")! - 1 : Infinity);
    const offsets = Array.from({ length: Math.max(0, to - from) }, (_, at) => (desc ? to - at : from + 1 + at));
    const page = offsets.slice(0, asked("limit") ?? 100);
    const events = page.map((offset) => ({ offset, id: `e${offset}`, kind: "a.b", payload: {}, tags: [], lamport: null }));
    return Response.json({ events, next: page.length === asked("limit") ? String(page.at(-1)) : null });
  }) as typeof fetch;
  return ledger;
}

/** Has the server answer nothing until what comes out of this is called. */
function hold(): () => void {
  let open = () => {};
  const gate = new Promise<void>((done) => (open = done));
  const answer = globalThis.fetch;
  globalThis.fetch = (async (...asked) => (await gate, answer(...asked))) as typeof fetch;
  return open;
}

const newest: Question = { filters: {}, order: "desc", at: null, asOf: null };
const ends = (feed: Feed) => [feed.rows.value[0]?.offset, feed.rows.value.at(-1)?.offset];

async function started(question: Question): Promise<Feed> {
  const feed = new Feed("", question);
  feed.start();
  await feed.restart();
  return feed;
}

function grow(ledger: { count: number }, by: number): void {
  ledger.count += by;
  head.value = ledger.count;
}

test("the newest come first, and page after page what is before them", async () => {
  const feed = await started((serve(450), newest));
  assert.deepEqual(ends(feed), [450, 251]);
  await feed.more();
  await feed.more();
  assert.deepEqual([...ends(feed), feed.next.value], [450, 1, null]);
});

test("what is appended comes on top of who follows, and waits for others", async () => {
  const ledger = serve(300);
  const feed = await started(newest);
  grow(ledger, 2);
  await feed.catchUp();
  assert.deepEqual([feed.rows.value[0]!.offset, feed.freshAfter.value], [302, 300]);
  feed.follows = false;
  grow(ledger, 3);
  await feed.catchUp();
  grow(ledger, 1);
  await feed.catchUp();
  assert.deepEqual([feed.rows.value[0]!.offset, feed.waiting.value.map((row) => row.offset)], [302, [306, 305, 304, 303]]);
  await feed.show();
  assert.deepEqual([ends(feed), feed.waiting.value.length], [[306, 101], 0]);
  const calls = ledger.calls.length;
  await feed.catchUp();
  assert.equal(ledger.calls.length, calls, "nothing is asked when nothing was appended");
});

test("when more comes than a page has, the list begins anew with it, and nothing is left out", async () => {
  const ledger = serve(50);
  const feed = await started(newest);
  grow(ledger, 500);
  await feed.catchUp();
  assert.deepEqual(ends(feed), [550, 351]);
  while (feed.next.value !== null) await feed.more();
  assert.deepEqual(feed.rows.value.map((row) => row.offset), Array.from({ length: 550 }, (_, at) => 550 - at));
});

test("of very much that waits only that it is there is known, and no more is asked", async () => {
  const ledger = serve(50);
  const feed = await started(newest);
  feed.follows = false;
  grow(ledger, 500);
  await feed.catchUp();
  assert.deepEqual([feed.missed.value, ends(feed)], [true, [50, 1]]);
  const calls = ledger.calls.length;
  grow(ledger, 500);
  await feed.catchUp();
  assert.equal(ledger.calls.length, calls);
  await feed.show();
  assert.deepEqual([feed.missed.value, ends(feed)], [false, [1_050, 851]]);
});

test("what waits is shown after a page that is on its way: none of its rows is left out", async () => {
  const ledger = serve(4_000);
  const feed = await started(newest);
  while (feed.rows.value.length < 2_200) await feed.more();
  feed.follows = false;
  grow(ledger, 3);
  await feed.catchUp();
  const answer = hold();
  const all = [feed.more(), feed.show()];
  answer();
  await Promise.all(all);
  await feed.more();
  const offsets = feed.rows.value.map((row) => row.offset);
  assert.deepEqual(offsets, Array.from(offsets, (_, at) => 4_003 - at));
  assert.deepEqual([feed.waiting.value.length, offsets.length], [0, 2_200]);
});

test("what is to be shown to who came to the top is not shown when they left it meanwhile", async () => {
  const ledger = serve(500);
  const feed = await started(newest);
  feed.follows = false;
  grow(ledger, 3);
  await feed.catchUp();
  const scroll = async (...follows: boolean[]) => {
    const answer = hold();
    const all = [feed.more()];
    for (feed.follows of follows) if (feed.follows) all.push(feed.show(false));
    return { all, answer };
  };
  const away = await scroll(true, false);
  away.answer();
  await Promise.all(away.all);
  assert.deepEqual([feed.rows.value[0]!.offset, feed.waiting.value.length], [500, 3]);
  const pressed = await scroll(true, false);
  pressed.all.push(feed.show());
  pressed.answer();
  await Promise.all(pressed.all);
  assert.deepEqual([feed.rows.value[0]!.offset, feed.waiting.value.length], [503, 0]);
  grow(ledger, 500);
  await feed.catchUp();
  const missed = await scroll(true, false);
  missed.answer();
  await Promise.all(missed.all);
  assert.deepEqual([feed.rows.value[0]!.offset, feed.missed.value], [503, true]);
  const back = await scroll(true, false, true);
  back.answer();
  await Promise.all(back.all);
  assert.deepEqual([feed.rows.value[0]!.offset, feed.missed.value], [1_003, false]);
});

test("what was missed is read when it is shown, after what is on its way", async () => {
  const ledger = serve(500);
  const feed = await started(newest);
  feed.follows = false;
  grow(ledger, 500);
  await feed.catchUp();
  const answer = hold();
  const all = [feed.more(), feed.show()];
  answer();
  await Promise.all(all);
  assert.deepEqual([feed.missed.value, ends(feed), feed.next.value], [false, [1_000, 801], "801"]);
});

test("a list that begins somewhere learns of newer ones, and asks no more once it knows", async () => {
  const ledger = serve(300);
  const feed = await started({ ...newest, at: 300 });
  assert.deepEqual([ends(feed), feed.newer.value, feed.isLive], [[300, 101], false, true]);
  grow(ledger, 5);
  await feed.catchUp();
  assert.deepEqual([ends(feed), feed.newer.value], [[300, 101], true]);
  const calls = ledger.calls.length;
  grow(ledger, 5);
  await feed.catchUp();
  assert.equal(ledger.calls.length, calls);
  await feed.before();
  assert.deepEqual([ends(feed), feed.newer.value], [[310, 101], false]);
  grow(ledger, 1);
  await feed.catchUp();
  assert.equal(feed.newer.value, true);
});

test("of newer ones that do not fit, a list that begins somewhere says nothing", async () => {
  const ledger = serve(300);
  const feed = await started({ ...newest, at: 300 });
  head.value = 305;
  await feed.catchUp();
  assert.equal(feed.newer.value, false);
  const calls = ledger.calls.length;
  await feed.catchUp();
  assert.equal(ledger.calls.length, calls, "what is known to hold nothing is not asked again");
  head.value = 306;
  await feed.catchUp();
  assert.match(ledger.calls.at(-1)!, /limit=1&after=305&up_to=306$/);
});

test("a list of the past hears of nothing", async () => {
  const ledger = serve(300);
  const feed = await started({ ...newest, at: 300, asOf: "300" });
  const calls = ledger.calls.length;
  grow(ledger, 5);
  await feed.catchUp();
  assert.deepEqual([feed.isLive, feed.newer.value, ledger.calls.length], [false, false, calls]);
});

test("a list that begins somewhere goes on both ways, and stays within the time that is looked at", async () => {
  serve(1_000);
  const feed = await started({ ...newest, at: 300, asOf: "450" });
  assert.deepEqual([ends(feed), feed.newer.value, feed.isLive], [[300, 101], true, false]);
  await feed.before();
  assert.deepEqual([ends(feed), feed.newer.value], [[450, 101], false]);
  const later = await started({ ...newest, at: 900, asOf: "450" });
  assert.deepEqual([later.rows.value[0]!.offset, later.newer.value], [450, false]);
});

test("of the oldest first, what is appended is read when one comes to the end", async () => {
  const ledger = serve(3);
  const feed = await started({ ...newest, order: "asc" });
  assert.deepEqual([ends(feed), feed.next.value], [[1, 3], null]);
  grow(ledger, 2);
  await feed.catchUp();
  assert.deepEqual([ends(feed), feed.next.value], [[1, 3], "3"]);
  await feed.more();
  assert.deepEqual([ends(feed), feed.next.value], [[1, 5], null]);
});

test("what went wrong is told until that works again", async () => {
  const ledger = serve(300);
  const feed = await started(newest);
  ledger.down = true;
  await feed.more();
  assert.equal(feed.failure.value!.problem.detail, "the engine is away");
  await feed.catchUp();
  assert.ok(feed.failure.value, "nothing that had nothing to do clears it");
  ledger.down = false;
  feed.failure.value!.again();
  await feed.catchUp();
  assert.deepEqual([feed.failure.value, ends(feed)], [null, [300, 1]]);
});

test("what could not be read while the server was away is read once it is back", async () => {
  const ledger = serve(300);
  link.value = "away";
  ledger.down = true;
  const feed = await started(newest);
  assert.equal(feed.failure.value?.problem.status, 503);
  ledger.down = false;
  const calls = ledger.calls.length;
  link.value = "connecting";
  assert.equal(ledger.calls.length, calls, "not before it is back");
  link.value = "live";
  await feed.catchUp();
  assert.deepEqual([ends(feed), feed.failure.value], [[300, 101], null]);
  feed.stop();
  link.value = "connecting";
});

test("what cannot be read although the server is there is asked again by itself, until nobody looks at the list", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const ledger = serve(300);
  link.value = "live";
  ledger.down = true;
  const feed = await started(newest);
  assert.ok(feed.failure.value);
  const calls = ledger.calls.length;
  mock.timers.tick(500);
  await feed.catchUp();
  assert.equal(ledger.calls.length, calls + 1);
  feed.stop();
  mock.timers.tick(60_000);
  await feed.catchUp();
  assert.equal(ledger.calls.length, calls + 1, "who left waits for nothing");
  ledger.down = false;
  feed.start();
  await feed.catchUp();
  assert.deepEqual([ends(feed), feed.failure.value], [[300, 101], null]);
  feed.stop();
  mock.timers.reset();
  link.value = "connecting";
});

test("what is saved of a list is what it shows once one has scrolled to its end", async () => {
  const asked = (at: number | null, order: "asc" | "desc", asOf: string | null) => rangeOf({ at, order, asOf });
  assert.deepEqual(asked(null, "desc", null), { up_to: null });
  assert.deepEqual(asked(5_000, "desc", null), { up_to: 5_000 });
  assert.deepEqual(asked(5_000, "desc", "4000"), { up_to: 4_000 });
  assert.deepEqual(asked(5_000, "asc", "6000"), { up_to: "6000", after: 4_999 });
  assert.deepEqual(asked(0, "asc", null), { up_to: null, after: 0 });
});
