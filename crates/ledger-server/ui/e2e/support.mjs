// What the tests of the page stand on: servers of the built program, one browser, and pages whose troubles are noted.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import { ask, browser, endAll, ledger, once, serve, until } from "./servers.mjs";

const { LEDGER, PAGE_URL, PAGE_FOLDER, PAGE_CHROMIUM, PAGE_SHOTS } = process.env;
for (const [name, value] of Object.entries({ LEDGER, PAGE_URL, PAGE_FOLDER, PAGE_CHROMIUM, PAGE_SHOTS })) {
  assert.ok(value, `${name} is not set: cargo test -p ledger-cli --test page sets it`);
}
export { PAGE_URL };
export { append, ask, ledger, operation, serve, until } from "./servers.mjs";
// Pictures of failures that are no more would mislead.
mkdirSync(PAGE_SHOTS, { recursive: true });
for (const name of readdirSync(PAGE_SHOTS)) if (name.startsWith("failed-")) rmSync(join(PAGE_SHOTS, name));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The server that most tests look at: the sample as it was when it was copied into the ledger of these tests. */
export const filled = once(async () => {
  const sample = await serve(null, "--demo");
  try {
    await ledger("--url", sample.origin, "snapshot", PAGE_URL);
  } finally {
    await sample.stop();
  }
  return serve(PAGE_URL);
});

/** Names of what the sample holds: of each, one with something to see. */
export const names = once(async () => {
  const server = await filled();
  const paths = ["runs?limit=20", "sessions?limit=20", "artifacts?limit=200", "events?order=desc&limit=1"];
  const answers = await Promise.all(paths.map((path) => ask(server, `/api/v1/${path}`)));
  const [{ runs }, { sessions }, { artifacts }, { events }] = answers;
  const most = (of, by) => [...of].sort((one, other) => by(other) - by(one));
  const [run, other] = most(runs, (one) => one.events).map((one) => one.run_id);
  assert.ok(other && sessions.length && artifacts.length, "expected a sample with two runs, a session and artifacts");
  return {
    run,
    other,
    session: most(sessions, (one) => one.operations)[0].session_id,
    artifact: most(artifacts, (one) => Math.min(one.written, 1) * one.read)[0].artifact,
    event: events[0].offset,
  };
});

after(async () => {
  await (await browser()).close();
  endAll();
});

/** A page, with what went wrong on it and what it asks for. */
function watched(page) {
  const seen = { page, troubles: [], asked: [], open: new Set(), allowed: [] };
  const note = (trouble) => seen.troubles.push(trouble);
  const done = (request) => seen.open.delete(request);
  page.on("console", (said) => {
    // A failed request is told of with its path below.
    if (said.type() === "error" && !said.text().startsWith("Failed to load resource")) note(`console: ${said.text()}`);
  });
  page.on("pageerror", (error) => note(`error: ${error.stack}`));
  page.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    seen.asked.push(`${request.method()} ${pathname}${search}`);
    if (pathname !== "/api/v1/changes") seen.open.add(request);
  });
  page.on("requestfinished", done);
  page.on("requestfailed", (request) => {
    done(request);
    const why = request.failure()?.errorText;
    if (why !== "net::ERR_ABORTED") note(`request: ${request.url()} ${why}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) note(`answer: ${response.status()} ${response.request().method()} ${response.url()}`);
  });
  return seen;
}

/** All that was read is shown: nothing is on its way, and what came led to no other question in a few frames. */
export async function settled(seen) {
  const still = async () => {
    const asked = seen.asked.length;
    const reading = await seen.page.locator(".loading:visible").count();
    assert.deepEqual([...seen.open].map((request) => request.url()), [], `${reading} parts are being read`);
    await seen.page.evaluate(async () => {
      for (let frame = 0; frame < 3; frame++) {
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      }
    });
    return reading === 0 && seen.asked.length === asked;
  };
  await until(`${seen.page.url()} has read all that it shows`, still, 15_000);
}

/** Goes to an address of the same server as a link does, without loading the page anew. */
export async function visit(seen, address) {
  await seen.page.evaluate((to) => {
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, address);
  await seen.page.locator("main h1").waitFor();
  await settled(seen);
}

/**
 * A test in windows of its own. `open` shows an address once it has settled; troubles of its pages fail the test, but for those
 * that `allow` fits. What `serve` starts ends with the test, after its pages.
 */
export function browse(name, what) {
  test(name, async () => {
    const context = await (await browser()).newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "light" });
    const [pages, allowed, servers] = [[], [], []];
    const tools = {
      context,
      allow: (pattern) => allowed.push(pattern),
      serve: async (...args) => {
        const server = await serve(...args);
        servers.push(server);
        return server;
      },
      open: async (address) => {
        const seen = watched(await context.newPage());
        pages.push(seen);
        seen.page.setDefaultTimeout(8_000);
        await seen.page.goto(address);
        await seen.page.locator("h1").first().waitFor();
        await settled(seen);
        return seen;
      },
    };
    try {
      await what(tools);
      const troubles = pages.flatMap((seen) => seen.troubles.map((trouble) => `${seen.page.url()}: ${trouble}`));
      const told = troubles.filter((trouble) => !allowed.some((pattern) => pattern.test(trouble)));
      assert.deepEqual(told, [], "expected no trouble on the pages");
    } catch (error) {
      await Promise.all(pages.map(({ page }, at) => shot(page, `failed ${name} ${at}`).catch(() => undefined)));
      throw error;
    } finally {
      await context.close();
      await Promise.all(servers.map((server) => server.stop()));
    }
  });
}

export async function shot(page, name) {
  await page.screenshot({ path: join(PAGE_SHOTS, `${name.replace(/\W+/g, "-")}.png`) });
}

const EVERYTHING = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21aa"] };
/** The rules that depend on colours. */
export const COLOURS = { type: "rule", values: ["color-contrast", "link-in-text-block"] };

/** What axe has against a page, in a line each. */
export async function barriers(page, runOnly = EVERYTHING) {
  await page.evaluate(axe);
  const run = (runOnly) => window.axe.run(document, { runOnly, resultTypes: ["violations"] });
  const { violations } = await page.evaluate(run, runOnly);
  return violations.map(({ id, help, nodes }) => {
    const [{ html, any, target }] = nodes;
    return `${id}: ${help}, ${nodes.length} times, such as ${html.slice(0, 200)} at ${target} (${any[0]?.message ?? ""})`;
  });
}

/** The rows of a long table, each as the text of its cells. */
export function rows(page) {
  return page
    .locator(".long-body [role=row]")
    .evaluateAll((all) => all.map((row) => [...row.querySelectorAll("[role=cell]")].map((cell) => cell.textContent.trim())));
}

/** The parameters of the address that a page is at. */
export function params(page) {
  return Object.fromEntries(new URL(page.url()).searchParams);
}

/** Waits until a page is at an address: a path, and parameters with their values. */
export async function isAt(page, path, wanted = {}) {
  await until(`the address is ${path} with ${JSON.stringify(wanted)}`, () => {
    const { pathname } = new URL(page.url());
    const found = Object.fromEntries(Object.keys(wanted).map((name) => [name, params(page)[name]]));
    assert.deepEqual([pathname, found], [path, wanted]);
    return true;
  });
}
