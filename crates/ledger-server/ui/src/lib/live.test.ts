import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { head, link, liveWhileSeen, retryAt, startLive, stopLive } from "./live.ts";

class Stream extends EventTarget {
  static all: Stream[] = [];
  closed = false;
  constructor(readonly url: string) {
    super();
    Stream.all.push(this);
  }
  close(): void {
    this.closed = true;
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
