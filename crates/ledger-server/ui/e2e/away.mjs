// A server that goes away and comes back, and one at which nothing happens.
import assert from "node:assert/strict";
import { PAGE_URL, append, browse, filled, names, rows, until, visit } from "./support.mjs";

const noted = { kind: "e2e.noted", run_id: "away", actor: "e2e", payload: {} };
const shows = async (page, offset) => (await rows(page)).some(([shown]) => shown === String(offset));

browse("away: a server that is killed is missed, and when it is back the page goes on", async ({ open, allow, serve }) => {
  const other = await filled();
  const server = await serve(PAGE_URL);
  const { page } = await open(`${server.origin}/events`);
  await page.evaluate(() => (window.loadedOnce = true));
  await page.locator(".link.live").waitFor();
  allow(/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|ERR_SOCKET|console: .*net::ERR/);
  await server.kill();
  await page.locator(".link.away").getByText("away").waitFor();
  assert.ok((await rows(page)).length > 0, "expected that what was read stays while the server is away");
  const [offset] = await append(other, noted);
  await serve(PAGE_URL, "--listen", new URL(server.origin).host);
  await until("the page is live again on its own", () => page.locator(".link.live").count(), 20_000);
  await until(`event ${offset}, which was appended meanwhile, is shown`, () => shows(page, offset));
  assert.equal(await page.getByRole("alert").count(), 0, "expected that no trouble is told any more");
  const [next] = await append(other, noted);
  await until(`event ${next} is shown as it comes`, () => shows(page, next), 3_000);
  assert.ok(await page.evaluate(() => window.loadedOnce), "expected that the page was not loaded anew");
});

browse("away: what was opened while the server was away is read when it is back", async ({ open, allow, serve }) => {
  await filled();
  const server = await serve(PAGE_URL);
  const pages = [];
  for (const path of ["/events", "/operations"]) pages.push([path, (await open(`${server.origin}/runs`)).page]);
  allow(/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|ERR_SOCKET|console: .*net::ERR/);
  await server.kill();
  for (const [path, page] of pages) {
    await page.locator(".link.away").waitFor();
    await page.locator(`nav a[href="${path}"]`).click();
    await page.getByRole("alert").first().waitFor();
  }
  await serve(PAGE_URL, "--listen", new URL(server.origin).host);
  for (const [path, page] of pages) {
    await until(`${path} is live again`, () => page.locator(".link.live").count(), 20_000);
    await until(`${path} has rows`, async () => (await rows(page)).length > 0);
    await until(`${path} tells of no trouble any more`, async () => (await page.getByRole("alert").count()) === 0);
  }
});

browse("away: what fails just after the server came back is read again without the viewer", async ({ open, allow }) => {
  allow(/ERR_CONNECTION_RESET/);
  const server = await filled();
  const { run } = await names();
  const { page } = await open(`${server.origin}/sessions`);
  await page.locator(".link.live").waitFor();
  let asked = 0;
  await page.route(/\/api\/v1\/runs\?/, (route) => (asked++ < 2 ? route.abort("connectionreset") : route.continue()));
  await page.locator('nav a[href="/runs"]').click();
  await page.getByRole("alert").first().waitFor();
  await page.getByRole("link", { name: run, exact: true }).first().waitFor();
  await until("no trouble is told any more", async () => (await page.getByRole("alert").count()) === 0);
});

browse("away: while nothing happens, nothing is asked: for 5 seconds there is the stream alone", async ({ open }) => {
  const server = await filled();
  const pages = [];
  for (const path of ["/", "/events", "/operations"]) {
    const seen = await open(`${server.origin}/runs`);
    await seen.page.locator(".link.live").waitFor();
    await visit(seen, path);
    pages.push(seen);
  }
  const asked = () => pages.flatMap((seen) => seen.asked);
  let [count, since] = [asked().length, Date.now()];
  await until(
    "5 seconds in which no page asks for anything",
    () => {
      const now = asked().length;
      if (now !== count) [count, since] = [now, Date.now()];
      if (Date.now() - since > 5_000) return true;
      throw new Error(`the last were ${asked().slice(-4)}`);
    },
    25_000,
  );
  const streams = asked().filter((request) => request.startsWith("GET /api/v1/changes"));
  assert.equal(streams.length, pages.length, "expected one stream for each page, which was never begun anew");
});

browse("away: until it is known who one is, nothing is offered but to read", async ({ open, allow }) => {
  allow(/answer: 500 GET \S+\/sign-in/);
  const server = await filled();
  const { page } = await open(`${server.origin}/events`);
  let away = true;
  await page.route(/\/sign-in$/, (route) => (away ? route.fulfill({ status: 500, body: "" }) : route.continue()));
  await page.goto(`${server.origin}/admin`);
  const alert = page.getByRole("alert").filter({ hasText: "Who you are is not known yet" });
  await alert.waitFor();
  await page.getByRole("heading", { name: "Retention" }).waitFor();
  assert.equal(await page.getByRole("heading", { name: "Tokens" }).count(), 0, "expected no tokens");
  await page.locator(".link.live").waitFor();
  away = false;
  await alert.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Tokens" }).waitFor();
  assert.equal(await alert.count(), 0, "expected that no trouble is told any more");
});
