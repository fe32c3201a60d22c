import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import "../../test/browser.ts";
import { Again } from "./again.ts";
import { Problem } from "./api.ts";

const trouble = (status: number) => new Problem(status, "x", "x");

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

/** One that is asked again, and what looks after it as effects do: what was due before is called off. */
function one() {
  const due = new Again();
  const asked = { times: 0 };
  let off: (() => void) | undefined;
  const look = (live: boolean, problem: Problem | null) => {
    off?.();
    off = due.look(live, problem, () => asked.times++);
  };
  return { asked, look };
}

test("what fails while the server is there is asked again twice, each time later, until something else is known", () => {
  const { asked, look } = one();
  look(true, null);
  for (let round = 0; round < 2; round++) {
    asked.times = 0;
    for (const [at, wait] of [500, 1_500].entries()) {
      look(true, trouble([0, 503][at]!));
      mock.timers.tick(wait - 1);
      assert.equal(asked.times, at, "not at once");
      mock.timers.tick(1);
      assert.equal(asked.times, at + 1);
    }
    look(true, trouble(0));
    mock.timers.tick(60_000);
    assert.equal(asked.times, 2, "then it is left to the viewer");
    look(true, null);
  }
});

test("what the server refused is never asked again", () => {
  const { asked, look } = one();
  for (const status of [400, 401, 403, 404, 409, 422, 429, 500]) {
    look(true, trouble(status));
    mock.timers.tick(60_000);
    look(false, trouble(status));
    look(true, trouble(status));
    mock.timers.tick(60_000);
  }
  assert.equal(asked.times, 0);
});

test("while the server is away nothing is asked, and once it is back it is asked at once and counted anew", () => {
  const { asked, look } = one();
  const away = trouble(0);
  look(true, null);
  look(true, away);
  mock.timers.tick(400);
  look(false, away);
  mock.timers.tick(60_000);
  assert.equal(asked.times, 0, "what was due is called off");
  look(true, away);
  assert.equal(asked.times, 1, "at once");
  mock.timers.tick(60_000);
  assert.equal(asked.times, 1, "not again before that is answered");
  for (const times of [2, 3, 3]) {
    look(true, trouble(0));
    mock.timers.tick(60_000);
    assert.equal(asked.times, times);
  }
});
