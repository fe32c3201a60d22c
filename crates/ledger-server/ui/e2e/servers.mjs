// Servers of the built program, and one browser: what the tests of the page stand on, and what measures it.
// LEDGER is the program, PAGE_FOLDER where it runs, PAGE_CHROMIUM the browser.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const running = new Set();

/** Waits until something is so: until it is truthy, and fails no more. What was expected is told when it does not come to be. */
export async function until(expected, is, most = 5_000) {
  const end = Date.now() + most;
  for (;;) {
    let last;
    try {
      const found = await is();
      if (found) return found;
      last = JSON.stringify(found);
    } catch (error) {
      last = error.message;
    }
    assert.ok(Date.now() < end, `expected within ${most} ms: ${expected}; it was: ${last}`);
    await new Promise((done) => setTimeout(done, 25));
  }
}

/** Runs a command of the program to its end, and answers what it printed. */
export async function ledger(...args) {
  const ends = promisify(execFile)(process.env.LEDGER, args, { cwd: process.env.PAGE_FOLDER, maxBuffer: 1 << 26 });
  running.add(ends.child);
  try {
    return (await ends).stdout.trim();
  } finally {
    running.delete(ends.child);
  }
}

/** A server over a ledger, once it listens. */
export async function serve(url, ...args) {
  const where = args.includes("--listen") ? [] : ["--listen", "127.0.0.1:0"];
  const child = spawn(process.env.LEDGER, [...(url ? ["--url", url] : []), "serve", "--log", "off", ...where, ...args], {
    cwd: process.env.PAGE_FOLDER,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let said = "";
  child.stderr.on("data", (text) => (said += text));
  const ended = new Promise((done) => child.once("exit", () => done(running.delete(child))));
  const origin = new Promise((found) => {
    createInterface(child.stdout).on("line", (line) => {
      const at = /^serving .* at (http:\S+)$/.exec(line);
      if (at) found(at[1]);
    });
  });
  const failed = ended.then(() => assert.fail(`expected a server over ${url ?? "the sample"}; it said: ${said}`));
  const end = async (signal) => {
    child.kill(signal);
    await ended;
  };
  return { origin: await Promise.race([origin, failed]), stop: () => end("SIGTERM"), kill: () => end("SIGKILL") };
}

/** Asks a server as a program does. */
export async function ask(server, path, init) {
  const answer = await fetch(server.origin + path, init);
  const text = await answer.text();
  assert.ok(answer.ok, `expected an answer to ${path}; it was ${answer.status}: ${text}`);
  return text ? JSON.parse(text) : null;
}

/** Appends events, and answers their offsets. */
export async function append(server, ...events) {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(events) };
  return (await ask(server, "/api/v1/events", init)).receipts.map(({ offset }) => offset);
}

/** An operation that ended well, as an event. */
export function operation(name, inputs, outputs, more = {}, said = {}) {
  const [id, at] = [randomUUID(), new Date().toISOString()];
  const read = Object.fromEntries(inputs.map((artifact, place) => [`source_${place}`, { artifact }]));
  const times = { started_at: at, finished_at: at, duration_us: 0 };
  const payload = { id, operation: name, inputs: read, outputs, ...times, status: "success", ...said };
  const tags = [`command:${name}`, ...inputs.map((input) => `reads:${input}`), ...outputs.map((output) => `writes:${output}`)];
  if (payload.status !== "success") tags.push(`status:${payload.status}`);
  return { id, kind: "operation.finished", run_id: "e2e", actor: "e2e", payload, tags, ...more };
}

export function once(make) {
  let made;
  return () => (made ??= make());
}

export const browser = once(() =>
  chromium.launch({
    executablePath: process.env.PAGE_CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  }),
);

/** Ends what the program still runs. The browser ends with this process at the latest. */
export function endAll() {
  for (const child of running) child.kill("SIGKILL");
}
