// What is asked for stands in the address, and what is shown is what was asked for.
import assert from "node:assert/strict";
import { ask, browse, filled, isAt, names, params, rows, settled, until } from "./support.mjs";

const [OFFSET, KIND, RUN] = [0, 2, 3];

/** Waits until the list is as the API answers the same filters: the newest first. */
async function agrees(server, page, filters) {
  const { events } = await ask(server, `/api/v1/events?order=desc&limit=10&${new URLSearchParams(filters)}`);
  assert.ok(events.length > 0, `expected events in the sample for ${JSON.stringify(filters)}`);
  const wanted = events.map((event) => [String(event.offset), event.kind, event.run_id]);
  await until(`the rows are those of ${JSON.stringify(filters)}`, async () => {
    const shown = (await rows(page)).slice(0, wanted.length);
    assert.deepEqual(shown.map((row) => [row[OFFSET], row[KIND].replace(/^✗ | failed$/g, ""), row[RUN]]), wanted);
    return true;
  });
}

async function filter(page, name, text) {
  await page.getByLabel("Filter by").selectOption(name);
  await page.locator("[data-search]").fill(text);
  await page.locator("[data-search]").press("Enter");
}

browse("events: filters by kind and run narrow the list, stand in the address, and show the same to others", async ({ open }) => {
  const server = await filled();
  const { run } = await names();
  const { events } = await ask(server, `/api/v1/events?order=desc&limit=1&${new URLSearchParams({ run })}`);
  const kind = `${events[0].kind.split(".")[0]}.*`;
  const seen = await open(`${server.origin}/events`);
  const { page } = seen;
  await agrees(server, page, {});
  await filter(page, "kind", kind);
  await isAt(page, "/events", { kind });
  await agrees(server, page, { kind });
  await filter(page, "run", run);
  await isAt(page, "/events", { kind, run });
  await agrees(server, page, { kind, run });
  await settled(seen);

  const other = await open(page.url());
  await agrees(server, other.page, { kind, run });
  const text = async ({ page }) => (await rows(page)).slice(0, 20).map((row) => row.filter((_, at) => at !== 1));
  assert.deepEqual(await text(other), await text(seen), "expected the same rows in another tab");

  await page.getByRole("button", { name: `Remove the filter kind ${kind}` }).click();
  await isAt(page, "/events", { run });
  await agrees(server, page, { run });
  await page.goBack();
  await isAt(page, "/events", { kind, run });
  await agrees(server, page, { kind, run });
});

browse("events: a count leads to what it counts", async ({ open }) => {
  const server = await filled();
  const { page } = await open(`${server.origin}/events`);
  const kinds = page.locator(".facets section").filter({ has: page.getByRole("heading", { name: "Kinds" }) });
  await kinds.locator("a").nth(1).click();
  await until("a kind is asked for", () => params(page).kind);
  const { kind } = params(page);
  await agrees(server, page, { kind });
  const runs = page.locator(".facets section").filter({ has: page.getByRole("heading", { name: "Runs" }) });
  await runs.locator("a").first().click();
  await until("a run is asked for", () => params(page).run);
  const { run } = params(page);
  await isAt(page, "/events", { kind, run });
  await agrees(server, page, { kind, run });
  await kinds.locator("a.on").click();
  await until("the kind is asked for no more", () => !params(page).kind && params(page).run === run);
  await agrees(server, page, { run });
});

browse("events: what cannot be a filter is told beside the field, and asks for nothing", async ({ open }) => {
  const server = await filled();
  const { page } = await open(`${server.origin}/events`);
  await filter(page, "kind", "no kind");
  await page.getByRole("alert").getByText("words with dots").waitFor();
  assert.equal(new URL(page.url()).search, "", "expected that the address stays as it is");
});

browse("event: it shows what the API has of it, and leads to its run, its actor and its neighbours", async ({ open }) => {
  const server = await filled();
  const { events } = await ask(server, "/api/v1/events?order=desc&limit=3");
  const [after, event, before] = events;
  const { page } = await open(`${server.origin}/events/${event.offset}`);
  await page.getByRole("heading", { level: 1 }).getByText(event.kind).waitFor();
  await page.getByText("Exact text", { exact: true }).click();
  const payload = JSON.parse(await page.locator(".raw pre").textContent());
  assert.deepEqual(payload, event.payload, "expected the payload as it is recorded");
  const facts = page.locator("dl.facts").filter({ hasText: "Offset" });
  for (const text of [event.id, event.kind, event.run_id, event.actor]) {
    await facts.getByText(text, { exact: true }).first().waitFor();
  }
  await page.keyboard.press("[");
  await isAt(page, `/events/${before.offset}`);
  await page.getByRole("link", { name: `Event after: ${event.offset}` }).waitFor();
  await page.keyboard.press("]");
  await isAt(page, `/events/${event.offset}`);
  await page.getByRole("link", { name: `Event after: ${after.offset}` }).click();
  await isAt(page, `/events/${after.offset}`);
  await page.locator("dl.facts").getByRole("link", { name: after.run_id, exact: true }).click();
  await isAt(page, `/runs/${encodeURIComponent(after.run_id)}`);
  await page.getByRole("heading", { level: 1 }).getByText(after.run_id).waitFor();
});
