import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import "../../test/browser.ts";
import { head, link, liveWhileSeen, retryAt, startLive, stopLive } from "./live.ts";

class Stream extends EventTarget {
  static readonly CLOSED = 2;
  static all: Stream[] = [];
  readyState = 0;
  closed = false;
  constructor(readonly url: string) {
    super();
    Stream.all.push(this);
  }
  close(): void {
    this.closed = true;
  }
  /** Ends as a stream does that was answered with something else. */
  fail(): void {
    this.readyState = Stream.CLOSED;
    this.tell("error");
  }
  tell(name: string, data?: unknown): void {
    this.dispatchEvent(data === undefined ? new Event(name) : new MessageEvent(name, { data: JSON.stringify(data) }));
  }
}

Object.assign(globalThis, { EventSource: Stream });
const newest = () => Stream.all.at(-1)!;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  stopLive();
  Stream.all = [];
});

test("the head is told by the one stream", () => {
  startLive();
  assert.equal(link.value, "connecting");
  newest().tell("open");
  assert.equal(link.value, "live");
  newest().tell("change", { head: 12 });
  newest().tell("change", { head: 15 });
  assert.equal(head.value, 15);
  mock.timers.tick(60_000);
  assert.equal(Stream.all.length, 1, "while it lives, nothing else is asked");
});

test("a server that is away is tried again, ever less often, up to each 15 seconds", () => {
  startLive();
  const waits: number[] = [];
  for (let round = 0; round < 7; round++) {
    newest().tell("error");
    assert.equal(link.value, "away");
    assert.ok(newest().closed);
    const wait = retryAt.value! - Date.now();
    waits.push(wait);
    mock.timers.tick(wait - 1);
    assert.equal(Stream.all.length, round + 1, "not before its time");
    mock.timers.tick(1);
    assert.equal(Stream.all.length, round + 2);
    assert.equal(retryAt.value, null);
    assert.equal(link.value, "away", "it is away until it answers");
  }
  assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  newest().tell("open");
  assert.equal(link.value, "live");
  newest().tell("error");
  assert.equal(retryAt.value! - Date.now(), 500, "once it was there, the first try is soon");
});

/** Has the server answer so whoever asks without a stream; the answer has come once this is over. */
async function answers(status: number, what: () => void): Promise<string[]> {
  const asked: string[] = [];
  globalThis.fetch = async (address, init) => {
    asked.push(String(address));
    await new Promise((done) => setImmediate(done));
    assert.equal(init!.signal!.aborted, false);
    return Response.json({ code: "x", detail: "x" }, { status });
  };
  what();
  for (let turn = 0; turn < 5; turn++) await new Promise((done) => setImmediate(done));
  return asked;
}

for (const status of [401, 403]) {
  test(`who is answered ${status} is not let in by asking: no more is tried, until the page is looked at anew`, async () => {
    startLive();
    const { url } = newest();
    assert.deepEqual(await answers(status, () => newest().fail()), [url], "the stream does not say why");
    assert.deepEqual([link.value, retryAt.value], ["refused", null]);
    mock.timers.tick(60_000);
    assert.equal(Stream.all.length, 1);
    startLive();
    newest().tell("open");
    assert.equal(link.value, "live");
  });
}

test("an answer that is no refusal is no reason to give up", async () => {
  startLive();
  for (const [at, status] of [502, 503, 200, 404].entries()) {
    assert.equal((await answers(status, () => newest().fail())).length, 1);
    assert.equal(link.value, "away");
    mock.timers.tick(retryAt.value! - Date.now());
    assert.equal(Stream.all.length, at + 2);
  }
  const asked = await answers(403, () => newest().tell("error"));
  assert.deepEqual([asked, link.value], [[], "away"], "a connection that fails was not answered");
  startLive();
  await answers(403, () => {
    newest().fail();
    stopLive();
  });
  assert.equal(link.value, "connecting", "who has stopped is told nothing");
});

test("a stream that was left says nothing any more", () => {
  startLive();
  const old = newest();
  startLive();
  assert.ok(old.closed);
  newest().tell("open");
  old.tell("error");
  assert.equal(link.value, "live");
});

test("who stops is not connected again", () => {
  startLive();
  newest().tell("error");
  stopLive();
  mock.timers.tick(60_000);
  assert.equal(Stream.all.length, 1);
  assert.deepEqual([head.value, link.value, retryAt.value], [null, "connecting", null]);
});

test("a page that nobody sees leaves its connection to others, and is live again when somebody looks", () => {
  const page = Object.assign(new EventTarget(), { hidden: false });
  Object.assign(globalThis, { document: page });
  const see = (seen: boolean) => {
    page.hidden = !seen;
    page.dispatchEvent(new Event("visibilitychange"));
  };
  const end = liveWhileSeen();
  newest().tell("open");
  newest().tell("change", { head: 4 });
  see(false);
  assert.ok(newest().closed);
  assert.equal(head.value, 4, "what was read stays");
  see(true);
  assert.equal(Stream.all.length, 2);
  newest().tell("error");
  see(false);
  mock.timers.tick(60_000);
  assert.equal(Stream.all.length, 2, "nobody who is not seen tries again");
  end();
  see(true);
  assert.equal(Stream.all.length, 2, "it is over");
});
