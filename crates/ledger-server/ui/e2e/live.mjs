// What is appended is shown as it comes; what was is shown as it was.
import assert from "node:assert/strict";
import { append, ask, browse, filled, names, operation, rows, settled, until, visit } from "./support.mjs";

const noted = (run, n = 0) => ({ kind: "e2e.noted", run_id: run, actor: "e2e", payload: { n } });
const offsets = async (page) => (await rows(page)).map(([offset]) => Number(offset));

browse("live: an event that is appended comes on top within 3 seconds, without the page being loaded anew", async ({ open }) => {
  const server = await filled();
  const { page } = await open(`${server.origin}/events`);
  await page.evaluate(() => (window.loadedOnce = true));
  await page.locator(".link.live").waitFor();
  for (const n of [1, 2]) {
    const [offset] = await append(server, noted("live-1", n));
    await until(`event ${offset} is on top`, async () => (await offsets(page))[0] === offset, 3_000);
  }
  assert.ok(await page.evaluate(() => window.loadedOnce), "expected that the page was not loaded anew");
});

browse("live: what comes while the list is paused waits, and is counted", async ({ open }) => {
  const server = await filled();
  const { page } = await open(`${server.origin}/events`);
  await page.locator(".link.live").waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  const before = await offsets(page);
  const appended = await append(server, noted("live-2"), noted("live-2"), noted("live-2"));
  const waiting = page.getByRole("button", { name: "3 new" });
  await waiting.waitFor();
  assert.deepEqual(await offsets(page), before, "expected that the list stays while it is paused");
  await waiting.click();
  await until("the three are on top", async () => {
    assert.deepEqual((await offsets(page)).slice(0, 3), appended.toReversed());
    return true;
  });
});

browse("live: the overview moves with the ledger: where it ends, and which runs are the newest", async ({ open }) => {
  const server = await filled();
  const { page } = await open(`${server.origin}/`);
  await page.locator(".link.live").waitFor();
  const [offset] = await append(server, noted("live-3"));
  const moved = async () => {
    const card = page.locator(".card").filter({ hasText: "Events in the last hour" });
    assert.match(await card.innerText(), new RegExp(`\\b${offset.toLocaleString("en")}\\b`));
    return page.getByRole("link", { name: "live-3", exact: true }).count();
  };
  await until(`the overview tells of event ${offset} and its run`, moved, 3_000);
});

browse("live: what one is writing stays while the ledger grows", async ({ open, allow }) => {
  const server = await filled();
  // Whether anything knows the end of the way is asked, too.
  allow(/answer: 404 GET \S+\/api\/v1\/lineage\/none\?/);
  const { artifact } = await names();
  const way = `from=${encodeURIComponent(artifact)}&to=none`;
  const fields = [
    [await open(`${server.origin}/operations?period=1h`), "command"],
    [await open(`${server.origin}/lineage?of=${encodeURIComponent(artifact)}&show=table&${way}`), "to"],
    [await open(`${server.origin}/events`), /A kind, or how it begins/],
    [await open(`${server.origin}/runs`), "Name"],
  ];
  for (const [{ page }, label] of fields) {
    await page.locator(".link.live").waitFor();
    await page.getByLabel(label, { exact: true }).fill("half a wo");
  }
  const asked = fields.map(([seen]) => seen.asked.length);
  await append(server, operation("live-4", [artifact], ["live/4"], { run_id: "live-4" }));
  for (const [at, [seen, label]] of fields.entries()) {
    await until(`${seen.page.url()} is read again`, () => seen.asked.length > asked[at]);
    await settled(seen);
    const written = await seen.page.getByLabel(label, { exact: true }).inputValue();
    assert.equal(written, "half a wo", `expected that what is written under "${label}" stays`);
  }
});

browse("as of an offset nothing moves, and what came later is nowhere", async ({ open }) => {
  const server = await filled();
  const { run, session, artifact } = await names();
  const { head } = await ask(server, "/api/v1/head");
  const addresses = ["/", "/events", "/runs", `/runs/${encodeURIComponent(run)}`, "/lineage", "/operations", "/sessions"].concat(
    `/sessions/${encodeURIComponent(session)}`,
    `/lineage?show=table&of=${encodeURIComponent(artifact)}`,
  );
  const later = "zz-later";
  const told = async ({ page }) => (await page.locator("main").innerText()).replace(/\b(now|\d+ (s|min|h|d) ago)\b/g, "ago");
  const live = await open(`${server.origin}/events`);
  await live.page.locator(".link.live").waitFor();
  const past = (address) => `${server.origin}${address}${address.includes("?") ? "&" : "?"}as_of=${head}`;
  const before = [];
  // A browser has six connections to a server, and each page holds one.
  for (const address of addresses.slice(0, 4)) {
    const seen = await open(past(address));
    before.push({ seen, address, text: await told(seen), asked: seen.asked.length });
  }
  const offset = (
    await append(
      server,
      { ...noted(run), session_id: session, tags: [`${later}:1`] },
      operation(later, [artifact], [`${later}/table`], { run_id: later, session_id: later, actor: later }),
      noted(later),
    )
  ).at(-1);
  await until(`the page that is live shows event ${offset}`, async () => (await offsets(live.page))[0] === offset);
  for (const { seen, address, text, asked } of before) {
    assert.equal(await told(seen), text, `expected that ${address} stays as it was as of ${head}`);
    assert.deepEqual(seen.asked.slice(asked), [], `expected that ${address} asks for nothing while it shows the past`);
    await seen.page.close();
  }
  const seen = await open(past("/runs"));
  for (const address of addresses) {
    await visit(seen, past(address));
    const text = await told(seen);
    assert.ok(text.length > 100 && !text.includes(later), `expected ${address} as of ${head}, without what came later: ${text}`);
    assert.equal(await seen.page.locator(".link").innerText(), "past");
  }
  await live.page.goto(`${server.origin}/runs`);
  await live.page.getByRole("link", { name: later, exact: true }).first().waitFor();
});

browse("as of: the control leads to the past, the links stay there, and n leads back", async ({ open }) => {
  const server = await filled();
  const { page } = await open(`${server.origin}/runs`);
  await page.getByRole("button", { name: "now", exact: true }).click();
  await page.getByLabel("Look at the ledger as it was at").fill("100");
  await page.getByRole("button", { name: "Look", exact: true }).click();
  await until("the address has as_of=100", () => /[?&]as_of=100\b/.test(page.url()));
  await page.getByRole("link", { name: "Events", exact: true }).first().click();
  await until("the events are those up to 100", async () => (await offsets(page))[0] === 100);
  await page.keyboard.press("n");
  const { head } = await ask(server, "/api/v1/head");
  await until("the events are those of now", async () => (await offsets(page))[0] === head && !page.url().includes("as_of"));
});

browse("as of: a time in the address becomes the offset that it stands for, on every page", async ({ open }) => {
  const server = await filled();
  const { events } = await ask(server, "/api/v1/events?limit=1&after=100");
  const time = events[0].recorded_at;
  const { head } = await ask(server, `/api/v1/head?as_of=${encodeURIComponent(time)}`);
  const [later] = await append(server, operation("later", [], ["later/table"]));
  const words = `It was recorded later than offset ${head.toLocaleString("en")}`;
  const seen = await open(`${server.origin}/runs`);
  for (const address of [`/events/${later}?as_of=${time}`, `/operations?op=${later}&as_of=${time}`]) {
    await visit(seen, address);
    await seen.page.locator(".empty").getByText(words).waitFor();
    await until(`the address is as of ${head}`, () => new URL(seen.page.url()).searchParams.get("as_of") === String(head));
  }
  await visit(seen, `/events?as_of=${time}`);
  await until(`the events are those up to ${head}`, async () => (await offsets(seen.page))[0] === head);
  await visit(seen, "/events?as_of=soon");
  await seen.page.getByRole("alert").getByText("write an offset").waitFor();
  await seen.page.getByRole("button", { name: "Go back to now", exact: true }).click();
  await until("the events are those of now", async () => (await offsets(seen.page))[0] >= later);
});

browse("live: a page that nobody sees gives its connection back, and is live again when somebody looks", async ({ open }) => {
  const server = await filled();
  const { page } = await open(`${server.origin}/events`);
  await page.locator(".link.live").waitFor();
  const listening = async () => (await ask(server, "/api/v1/listeners")).listeners.length;
  const see = (seen) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, !seen);
  await until("the server tells of one who listens", async () => (await listening()) === 1);
  await see(false);
  await until("the server tells of nobody who listens", async () => (await listening()) === 0);
  const [offset] = await append(server, noted("live-5"));
  await see(true);
  await page.locator(".link.live").waitFor();
  await until(`event ${offset} is on top`, async () => (await offsets(page))[0] === offset, 3_000);
});
