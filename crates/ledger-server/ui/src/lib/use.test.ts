import assert from "node:assert/strict";
import { test } from "node:test";
import { visit } from "../../test/browser.ts";
import { nowhere } from "../../test/hooks.ts";
import { h, render } from "preact";
import { Problem } from "./api.ts";
import { head, link } from "./live.ts";
import { startRouter } from "./router.ts";
import { type Held, pace, useGet, useRead, useTick } from "./use.ts";

startRouter();

const until = async (what: string, is: () => boolean) => {
  const end = Date.now() + 10_000;
  while (!is()) {
    assert.ok(Date.now() < end, `expected: ${what}`);
    await new Promise((done) => setTimeout(done, 2));
  }
};
const settled = () => new Promise((done) => setTimeout(done, 100));

/** Renders a component that shows nothing, again and again. */
function page<P extends object>(component: (props: P) => null): (props: P | null) => void {
  const parent = nowhere();
  return (props) => render(props && h(component, props), parent);
}

interface Question {
  key: string;
  signal: AbortSignal;
  answer: (data: string) => void;
  fail: (problem: Error) => void;
}

/** A reader whose answers come when the test gives them. */
function reader() {
  const questions: Question[] = [];
  const held: { now: Held<string> | null } = { now: null };
  const show = page<{ name: string; question?: string }>(({ name, question }) => {
    held.now = useRead(
      name,
      (signal) => new Promise<string>((answer, fail) => questions.push({ key: name, signal, answer, fail })),
      question,
    );
    return null;
  });
  return { questions, held, show };
}

test("an answer to another question is never shown", async () => {
  const { questions, held, show } = reader();
  show({ name: "a" });
  await until("a is asked", () => questions.length === 1);
  assert.deepEqual([held.now!.data, held.now!.loading], [null, true]);
  questions[0]!.answer("of a");
  await until("a is shown", () => held.now!.data === "of a");
  show({ name: "b" });
  assert.deepEqual([held.now!.data, held.now!.loading], [null, true]);
  await until("b is asked", () => questions.length === 2);
  assert.ok(questions[0]!.signal.aborted);
  show({ name: "c" });
  await until("c is asked", () => questions.length === 3);
  questions[2]!.answer("of c");
  questions[1]!.answer("of b, too late");
  await until("c is shown", () => held.now!.data === "of c");
  await settled();
  assert.equal(held.now!.data, "of c");
  show(null);
});

test("the last answer stays while the same question is asked again, also when that fails", async () => {
  const { questions, held, show } = reader();
  show({ name: "q 1", question: "q" });
  await until("it is asked", () => questions.length === 1);
  questions[0]!.answer("first");
  await until("it is shown", () => held.now!.data === "first");
  show({ name: "q 2", question: "q" });
  assert.equal(held.now!.data, "first");
  await until("it is asked again", () => questions.length === 2);
  questions[1]!.fail(new Error("away"));
  await until("the problem is told", () => held.now!.problem?.message === "away");
  assert.equal(held.now!.data, "first");
  held.now!.reload();
  await until("it is asked once more", () => questions.length === 3);
  questions[2]!.answer("second");
  await until("it is shown", () => held.now!.data === "second");
  assert.equal(held.now!.problem, null);
  show(null);
});

test("what the server could not be asked is asked once more when it is back, and what it refused is not", async () => {
  const { questions, held, show } = reader();
  link.value = "away";
  show({ name: "q" });
  await until("it is asked", () => questions.length === 1);
  questions[0]!.fail(new Problem(0, "unreachable", "the server cannot be reached"));
  await until("the problem is told", () => held.now!.problem !== null);
  link.value = "connecting";
  await settled();
  assert.equal(questions.length, 1);
  link.value = "live";
  await until("it is asked again", () => questions.length === 2);
  questions[1]!.fail(new Problem(404, "not_found", "no such thing"));
  await until("that is told", () => held.now!.problem?.status === 404);
  link.value = "connecting";
  await settled();
  link.value = "live";
  await settled();
  assert.equal(questions.length, 2);
  show(null);
  link.value = "connecting";
});

test("what fails just after the server came back is asked again by itself, and what it refused is not", async () => {
  const { questions, held, show } = reader();
  link.value = "live";
  show({ name: "q" });
  await until("it is asked", () => questions.length === 1);
  questions[0]!.fail(new Problem(0, "unreachable", "the server cannot be reached"));
  await until("the problem is told", () => held.now!.problem !== null);
  await settled();
  assert.equal(questions.length, 1, "not at once");
  await until("it is asked again", () => questions.length === 2);
  questions[1]!.fail(new Problem(503, "unavailable", "the engine is away"));
  await until("that is told", () => held.now!.problem?.status === 503);
  await until("it is asked once more", () => questions.length === 3);
  questions[2]!.answer("at last");
  await until("it is shown", () => held.now!.data === "at last");
  assert.equal(held.now!.problem, null);
  show({ name: "r" });
  await until("another is asked", () => questions.length === 4);
  questions[3]!.fail(new Problem(404, "not_found", "no such thing"));
  await until("that is told", () => held.now!.problem?.status === 404);
  await new Promise((done) => setTimeout(done, 700));
  assert.equal(questions.length, 4);
  show(null);
  link.value = "connecting";
});

test("an answer that takes longer than the ledger takes to grow is shown, and one more is read", async () => {
  const { questions, held, show } = reader();
  show({ name: "q 1", question: "q" });
  await until("it is asked", () => questions.length === 1);
  for (const name of ["q 2", "q 3", "q 4"]) {
    show({ name, question: "q" });
    await settled();
  }
  assert.equal(questions.length, 1);
  assert.ok(!questions[0]!.signal.aborted);
  questions[0]!.answer("slow");
  await until("it is shown", () => held.now!.data === "slow");
  await until("it is asked once more", () => questions.length === 2);
  assert.equal(questions[1]!.key, "q 4");
  questions[1]!.answer("newest");
  await until("that is shown", () => held.now!.data === "newest");
  await settled();
  assert.deepEqual([questions.length, held.now!.loading], [2, false]);
  held.now!.reload();
  await until("it is asked again", () => questions.length === 3);
  show(null);
  await until("nobody waits for it", () => questions[2]!.signal.aborted);
});

test("who pauses reads nothing", async () => {
  const seen: number[] = [];
  const show = page<{ every: number }>(({ every }) => {
    seen.push(useTick(every));
    return null;
  });
  head.value = 50;
  show({ every: 1 });
  await settled();
  assert.equal(seen.at(-1), 0);
  head.value = 51;
  await until("it counts", () => seen.at(-1) === 1);
  show({ every: 0 });
  head.value = 52;
  await settled();
  assert.equal(seen.at(-1), 1);
  show({ every: 1 });
  await until("it counts on", () => seen.at(-1) === 2);
  show(null);
});

const asked: string[] = [];
globalThis.fetch = async (address) => {
  asked.push(String(address));
  return new Response('{"runs":[],"total":0}');
};

/** A page that shows the runs as they are. */
function runs(every: number) {
  const held: { now: Held<unknown> | null } = { now: null };
  const show = page(() => {
    held.now = useGet("/api/v1/runs", { q: "x" }, {}, { live: every });
    return null;
  });
  asked.length = 0;
  visit("/runs");
  return { held, show };
}

test("what is live is read again when the ledger grows, not more often than it says, and the past never", async () => {
  const { held, show } = runs(500);
  head.value = null;
  show({});
  await until("it is read", () => held.now?.data != null);
  assert.deepEqual(asked, ["/api/v1/runs?q=x"]);
  await settled();
  assert.equal(asked.length, 1, "nothing polls");
  head.value = 1;
  await until("it is read again", () => asked.length === 2);
  for (head.value = 2; head.value < 6; head.value++) await new Promise((done) => setTimeout(done, 5));
  assert.equal(asked.length, 2, "not at once");
  await until("it is read after a while, once for all that came", () => asked.length === 3);
  await settled();
  await settled();
  assert.equal(asked.length, 3);
  visit("/runs?as_of=3");
  await until("the past is read", () => asked.at(-1) === "/api/v1/runs?q=x&as_of=3");
  const before = asked.length;
  head.value = 9;
  await settled();
  await settled();
  assert.equal(asked.length, before, "the past does not move");
  show(null);
});

test("a page that one comes to is read once, until there is more than there was", async () => {
  const { held, show } = runs(20);
  head.value = 40;
  show({});
  await until("it is read", () => held.now?.data != null);
  await settled();
  assert.equal(asked.length, 1);
  head.value = 41;
  await until("it is read again", () => asked.length === 2);
  await settled();
  assert.equal(asked.length, 2);
  show(null);
});

test("an answer that takes long is asked for less often, and one that is not live never", () => {
  assert.deepEqual([pace(1_000, 20), pace(1_000, 800), pace(1_000, 90_000), pace(0, 800)], [1_000, 3_200, 30_000, 0]);
});
