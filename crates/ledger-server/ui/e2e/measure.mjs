// Measures what the page promises: how soon it can be used on a large ledger, that tables and graphs move smoothly, and that
// it takes no more memory after a minute of events than at first. It makes all it looks at, and ends with 1 if a mark is missed.
// Its marks are for a release build and a machine with nothing else to do: it says how busy the machine was.
import assert from "node:assert/strict";
import { createWriteStream, existsSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline as piped } from "node:stream/promises";
import { append, ask, browser, endAll, ledger, once, serve, until } from "./servers.mjs";
import { lake, told } from "./warehouse.mjs";

const PARTS = { first, table, lineage, live };
const USAGE = `usage: LEDGER=target/release/ledger node e2e/measure.mjs [${Object.keys(PARTS).join("] [")}]
         [--events 1000000] [--nodes 10000] [--seconds 60]
Without a part, all of them. PAGE_CHROMIUM names the browser; else it is the first Chromium on PATH.`;
/** How many rows are scrolled through, how many nodes a column of the graph has, and how fast a ledger grows that is live. */
const [SCROLLED, COLUMN, RATE, AT_ONCE] = [20_000, 250, 200, 20];
const CELL = "[role=row] [role=cell]";
const size = { events: 1_000_000, nodes: 10_000, seconds: 60 };
const rows = [];

function asked(words) {
  const parts = [];
  for (let at = 0; at < words.length; at++) {
    const [word, name] = [words[at], words[at].slice(2)];
    if (word in PARTS) parts.push(word);
    else if (word === `--${name}` && name in size && /^[1-9]\d*$/.test(words[at + 1])) size[name] = Number(words[++at]);
    else refused();
  }
  if (!process.env.LEDGER || !existsSync(process.env.LEDGER)) refused();
  return parts.length > 0 ? parts : Object.keys(PARTS);
}

function refused() {
  console.error(USAGE);
  process.exit(2);
}

function chromium() {
  if (process.env.PAGE_CHROMIUM) return process.env.PAGE_CHROMIUM;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const files = ["chromium", "chromium-browser", "google-chrome"].flatMap((name) => folders.map((one) => join(one, name)));
  return files.find((file) => existsSync(file)) ?? assert.fail("expected a Chromium: install one, or set PAGE_CHROMIUM");
}

/** Notes a measure: its value as text, and if it has a mark, that as text and whether it is met. */
function note(measure, value, mark = "", met = null) {
  if (rows.length === 0) rows.push(["measure", "value", "mark", "met?"]);
  rows.push([measure, value, mark, met === null ? "" : met ? "yes" : "NO"]);
  console.error(rows.at(-1).join("  ").trimEnd());
}

const inOrder = (values) => [...values].sort((one, other) => one - other);
const share = (values, part) => inOrder(values)[Math.min(values.length - 1, Math.floor(values.length * part))];
const median = (values) => share(values, 0.5);
const ms = (value) => `${value.toFixed(value < 100 ? 1 : 0)} ms`;
const many = (value) => value.toLocaleString("en");

/** Shows an address in a window of its own, in which nothing is cached. */
async function opened(server, address, before) {
  const context = await (await browser()).newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "light" });
  const page = await context.newPage();
  if (before) await page.addInitScript(before);
  await page.goto(server.origin + address, { waitUntil: "commit" });
  return page;
}

/** Waits until something is shown, all is read, and the page answers; and tells how long that took from the beginning. */
function ready(page, what) {
  return page.evaluate(async (what) => {
    const turn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const read = () => ![...document.querySelectorAll(".figure")].some((figure) => figure.textContent === "…");
    while (!document.querySelector(what) || document.querySelector(".loading") || !read()) {
      if (performance.now() > 60_000) throw new Error(`expected ${what} within a minute: ${document.body.innerText}`);
      await turn();
    }
    await turn();
    return performance.now();
  }, what);
}

/** Does something while it notes how long each frame of the page takes; of a list that scrolls, each in which it has moved. */
async function frames(page, what, row = null) {
  await page.evaluate((row) => {
    let box = row && document.querySelector(row);
    const scrolls = (one) => one.scrollHeight > one.clientHeight && getComputedStyle(one).overflowY !== "visible";
    while (box && !scrolls(box)) box = box.parentElement;
    const taken = [];
    let [before, place] = [performance.now(), 0];
    const frame = (now) => {
      const top = box ? box.scrollTop : now;
      if (top !== place) taken.push(now - before);
      [before, place] = [now, top];
      next = requestAnimationFrame(frame);
    };
    let next = requestAnimationFrame(frame);
    window.framesTaken = () => (cancelAnimationFrame(next), taken);
  }, row);
  await what();
  return page.evaluate(() => window.framesTaken());
}

function noteFrames(what, taken, most) {
  const [mid, slow, worst] = [median(taken), share(taken, 0.95), Math.max(...taken)];
  note(`${what}: ${taken.length} frames, median`, ms(mid));
  note(`${what}: p95`, `${ms(slow)}, ${(1000 / slow).toFixed(0)} frames/s`, `<= ${most} ms`, slow <= most);
  note(`${what}: worst`, ms(worst));
}

async function first() {
  const server = await large();
  const views = [["/", ".card .figure", 5], ["/events", CELL, 3], ["/runs", "main tbody tr", 3]];
  for (const [address, what, times] of [...views, ["/operations", ".op-cards .figure", 3]]) {
    const taken = [];
    for (let time = 0; time < times; time++) {
      const page = await opened(server, address);
      taken.push(await ready(page, what));
      await page.context().close();
    }
    for (const [name, value] of [["median", median(taken)], ["worst", Math.max(...taken)]]) {
      const mark = address === "/" ? ["<= 1000 ms", value <= 1000] : [];
      note(`first view of ${address}, ${many(size.events)} events: ${name} of ${times}`, ms(value), ...mark);
    }
  }
}

async function table() {
  const page = await opened(await large(), "/events");
  await ready(page, CELL);
  const list = page.locator("[role=row]:has([role=cell])");
  const passed = async () => Number(await list.last().getAttribute("aria-rowindex"));
  const target = Math.min(SCROLLED, Math.floor(size.events / 2));
  await list.nth(3).hover();
  let most = 0;
  const began = performance.now();
  const taken = await frames(page, async () => {
    while ((await passed()) < target) {
      assert.ok(performance.now() - began < 120_000, `expected to come to row ${target}; it was ${await passed()}`);
      for (let wheel = 0; wheel < 20; wheel++) await page.mouse.wheel(0, 900);
      most = Math.max(most, await list.count());
    }
  }, CELL);
  const seconds = (performance.now() - began) / 1000;
  note(`events: ${many(await passed())} rows scrolled`, `${seconds.toFixed(1)} s`);
  noteFrames("events: while they moved", taken, 34);
  note("events: most rows in the page", many(most));
  await page.context().close();
}

async function lineage() {
  const url = `sqlite:${join(folder, "graph.db")}`;
  await fill(url, size.nodes - 1, lake(size.nodes, COLUMN), Date.now);
  const server = await serve(url);
  const address = "/lineage?of=lake%2Fevents&direction=forward&depth=all&show=graph";
  const page = await opened(server, address, noteDrawing);
  await page.waitForFunction(() => window.drawn.at !== null, null, { polling: "raf", timeout: 60_000 });
  const shown = await ready(page, "canvas");
  const path = "/api/v1/lineage/lake%2Fevents?direction=forward&depth=1000&most=10000&format=layout";
  const { nodes, links } = await ask(server, path);
  const graph = `lineage of ${many(nodes.length)} artifacts by ${many(links.length)} links`;
  note(`${graph}: drawn`, ms(shown), "<= 2000 ms", shown <= 2000);
  const box = await page.locator("canvas").boundingBox();
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await page.mouse.move(middle.x, middle.y);
  await page.keyboard.press("f");
  const all = (nodes) => window.drawn.boxes === nodes;
  await page.waitForFunction(all, size.nodes, { polling: "raf", timeout: 60_000 });
  noteFrames("all of it moved", await frames(page, () => pan(page, middle)), 33.4);
  noteFrames("all of it zoomed", await frames(page, () => zoom(page)), 33.4);
  await page.context().close();
  await server.stop();
}

/** Has a page note when it first writes on a canvas, and how many boxes the last picture from far away has. */
function noteDrawing() {
  const canvas = CanvasRenderingContext2D.prototype;
  const when = (name, then) => {
    const does = canvas[name];
    canvas[name] = function (...all) {
      then();
      return does.apply(this, all);
    };
  };
  window.drawn = { at: null, boxes: 0 };
  when("fillText", () => (window.drawn.at ??= performance.now()));
  when("fillRect", () => (window.drawn.boxes = 0));
  when("rect", () => (window.drawn.boxes += 1));
}

async function pan(page, { x, y }) {
  await page.mouse.down();
  for (let step = 0; step < 300; step++) await page.mouse.move(x + 250 * Math.sin(step / 12), y + 150 * Math.sin(step / 17));
  await page.mouse.up();
}

/** Goes near, until a hundred nodes or so are seen, and back, some times. */
async function zoom(page) {
  for (let step = 0; step < 300; step++) await page.mouse.wheel(0, step % 60 < 30 ? -60 : 60);
}

async function live() {
  const server = await large();
  await grows(server, "/", ".card .figure", ".card .quiet");
  await grows(server, "/events", CELL, CELL);
}

/** Has a ledger grow while one looks, and says what the page takes meanwhile. In the end it tells of the last event. */
async function grows(server, address, what, where) {
  const page = await opened(server, address);
  await ready(page, what);
  await page.locator(".link.live").waitFor();
  const tools = await page.context().newCDPSession(page);
  const [began, samples] = [Date.now(), []];
  const events = told(`live${address}`, () => Date.now());
  let [appended, last] = [0, 0];
  const feeding = (async () => {
    for (const end = began + size.seconds * 1000; Date.now() < end; ) {
      const late = ((Date.now() - began) * RATE) / 1000 - appended;
      // It is the clock that sets the pace.
      if (late < AT_ONCE) await new Promise((done) => setTimeout(done, ((AT_ONCE - late) * 1000) / RATE));
      last = (await append(server, ...Array.from({ length: AT_ONCE }, () => events.next().value))).at(-1);
      appended += AT_ONCE;
    }
    return appended / ((Date.now() - began) / 1000);
  })();
  for (let second = Math.min(10, size.seconds); second <= size.seconds; second += 5) {
    await Promise.race([feeding, new Promise((done) => setTimeout(done, began + second * 1000 - Date.now()))]);
    await tools.send("HeapProfiler.collectGarbage");
    const { usedSize } = await tools.send("Runtime.getHeapUsage");
    samples.push({ bytes: usedSize, nodes: (await tools.send("Memory.getDOMCounters")).nodes });
  }
  const rate = await feeding;
  const place = `live, ${address}`;
  note(`${place}: events a second for ${size.seconds} s`, rate.toFixed(0), `>= ${0.95 * RATE}`, rate >= 0.95 * RATE);
  noteFlat(`${place}: heap, MB`, samples.map(({ bytes }) => bytes / 1e6), 1);
  noteFlat(`${place}: nodes`, samples.map(({ nodes }) => nodes), 0);
  const number = async () => Number((await page.locator(where).first().innerText()).replace(/\D/g, ""));
  await until(`${address} tells of event ${last}`, async () => (await number()) === last);
  await page.context().close();
}

function noteFlat(what, values, room) {
  const third = Math.max(1, Math.floor(values.length / 3));
  const [before, after] = [median(values.slice(0, third)), median(values.slice(-third))];
  const most = before * 1.1 + room;
  const digits = room > 0 ? 2 : 0;
  note(what, `${before.toFixed(digits)} → ${after.toFixed(digits)}`, `<= ${most.toFixed(digits)}`, after <= most);
  console.error(`  ${values.map((value) => value.toFixed(digits)).join(" ")}`);
}

const large = once(async () => {
  const [url, week] = [`sqlite:${join(folder, "large.db")}`, 7 * 86_400_000];
  let at = Date.now() - week;
  await fill(url, size.events, told("", () => at), () => (at += week / size.events));
  return serve(url);
});

/** Fills a ledger with so many events, as if they had been recorded when `clock` says. */
async function fill(url, count, events, clock) {
  const file = join(folder, "events.jsonl");
  const lines = function* () {
    for (let offset = 0; offset < count; ) {
      const part = [];
      while (part.length < 1_000 && offset++ < count) {
        const time = new Date(clock()).toISOString();
        const event = events.next().value;
        part.push(JSON.stringify({ id: `${offset}`, ...event, offset, recorded_at: time, created_at: time }));
      }
      yield `${part.join("\n")}\n`;
    }
  };
  await piped(Readable.from(lines()), createWriteStream(file));
  console.error(await ledger("--url", url, "import", file));
  rmSync(file);
}

const parts = asked(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), "ledger-measure-"));
process.on("exit", () => {
  endAll();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));
// What is set for other ledgers would lead to these.
for (const name of Object.keys(process.env)) if (/^(LEDGER_|DATABASE_URL$)/.test(name)) delete process.env[name];
Object.assign(process.env, { LEDGER: resolve(process.env.LEDGER), PAGE_FOLDER: folder, PAGE_CHROMIUM: chromium() });
const said = (await ledger("--version")) + `, ${cpus().length} × ${cpus()[0]?.model.trim()}, load ${loadavg()[0].toFixed(1)}`;
for (const part of parts) await PARTS[part]();
const widths = [0, 1, 2, 3].map((at) => Math.max(...rows.map((row) => row[at].length)));
console.log([said, ...rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at])).join("  ").trimEnd())].join("\n"));
process.exit(rows.some((row) => row[3] === "NO") ? 1 : 0);
