// Everything can be reached by keys alone.
import assert from "node:assert/strict";
import { barriers, browse, filled, isAt, names, rows, until } from "./support.mjs";

const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute("href"));

async function find(page, text, kind) {
  await page.keyboard.press("Control+k");
  await page.locator("dialog[open] input").fill(text);
  const hit = page.getByRole("option").filter({ hasText: kind }).filter({ hasText: text }).first();
  await hit.waitFor();
  for (let step = 0; (await hit.getAttribute("aria-selected")) !== "true"; step++) {
    assert.ok(step < 20, `expected that the arrows reach the ${kind} ${text}`);
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
}

browse("keyboard: the palette finds a page, an event, a run and an artifact, and goes there", async ({ open, allow }) => {
  // Not every text is the id of an event.
  allow(/answer: 404 GET \S+\/api\/v1\/events\//);
  const server = await filled();
  const { run, artifact, event } = await names();
  const { page } = await open(`${server.origin}/`);
  await find(page, run, "run");
  await isAt(page, `/runs/${encodeURIComponent(run)}`);
  await find(page, artifact, "artifact");
  await isAt(page, "/lineage", { of: artifact });
  await find(page, String(event), "event");
  await isAt(page, `/events/${event}`);
  await find(page, "Sessions", "page");
  await isAt(page, "/sessions");
  assert.equal(await page.locator("dialog[open]").count(), 0, "expected that the palette closed");
  await until("the page itself has the focus", () => page.evaluate(() => document.activeElement?.id === "main"));
});

browse("keyboard: dialogs can be used by everybody, and end with Escape", async ({ open, allow }) => {
  allow(/answer: 404 GET \S+\/api\/v1\/events\//);
  const server = await filled();
  const { page } = await open(`${server.origin}/runs`);
  await page.keyboard.press("Control+k");
  await page.locator("dialog[open] input").waitFor();
  assert.deepEqual(await barriers(page), [], "expected that axe finds nothing in the palette");
  await page.locator("dialog[open] input").fill("there is nothing of this name");
  await page.getByText("nothing found").waitFor();
  assert.deepEqual(await barriers(page), [], "expected that axe finds nothing in an empty palette");
  await page.keyboard.press("Escape");
  await until("the palette is closed, and the focus left it", () =>
    page.evaluate(() => !document.querySelector("dialog[open]") && !document.activeElement?.closest("dialog")),
  );
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  assert.deepEqual(await barriers(page), [], "expected that axe finds nothing in the help");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "now", exact: true }).click();
  await page.getByLabel("Look at the ledger as it was at").waitFor();
  assert.deepEqual(await barriers(page), [], "expected that axe finds nothing in the control of time");
  await page.keyboard.press("Escape");
  await page.getByLabel("Look at the ledger as it was at").waitFor({ state: "detached" });
});

browse("keyboard: g leads to each page, / to its search, j and k along its rows, Enter into one", async ({ open }) => {
  const server = await filled();
  const { page } = await open(`${server.origin}/`);
  const pages = { r: "/runs", l: "/lineage", p: "/operations", s: "/sessions", a: "/admin", o: "/", e: "/events" };
  for (const [letter, path] of Object.entries(pages)) {
    await page.keyboard.press("g");
    await page.keyboard.press(letter);
    await isAt(page, path);
  }
  await until("there are rows", async () => (await rows(page)).length > 3);
  await page.keyboard.press("/");
  await until("the search field has the focus", () => page.evaluate(() => document.activeElement?.hasAttribute("data-search")));
  await page.keyboard.type("j");
  assert.equal(await page.locator("[data-search]").inputValue(), "j", "expected that what is typed into a field stays there");
  await page.locator("[data-search]").fill("");
  await page.locator("h1").click();
  const links = await page.locator("[data-row]").evaluateAll((all) => all.map((row) => row.getAttribute("href")));
  for (const [key, at] of [["j", 0], ["j", 1], ["j", 2], ["k", 1]]) {
    await page.keyboard.press(key);
    assert.equal(await focused(page), links[at], `expected that ${key} leads to row ${at}`);
  }
  await page.keyboard.press("Enter");
  await isAt(page, links[1]);
});

browse("keyboard: the first stop of the tab key leads past the bar", async ({ open }) => {
  const server = await filled();
  const { page } = await open(`${server.origin}/runs`);
  await page.keyboard.press("Tab");
  await page.getByRole("link", { name: "Skip to the page" }).press("Enter");
  await until("the page itself has the focus", () => page.evaluate(() => document.activeElement?.id === "main"));
});

browse("colours: dark can be chosen, and stays chosen", async ({ open }) => {
  const server = await filled();
  const { page } = await open(`${server.origin}/runs`);
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  const colours = page.getByRole("button", { name: "Colours" });
  await colours.click();
  await colours.click();
  await page.getByRole("button", { name: "Colours: dark" }).waitFor();
  const dark = await paper();
  assert.notEqual(dark, light, "expected other colours");
  await page.reload();
  await page.getByRole("button", { name: "Colours: dark" }).waitFor();
  assert.equal(await paper(), dark, "expected that dark stays when the page is loaded anew");
});
