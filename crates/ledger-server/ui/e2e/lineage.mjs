// Where artifacts come from, and what comes of them.
import assert from "node:assert/strict";
import { append, browse, filled, isAt, operation, rows, until } from "./support.mjs";

const [A, B, C, D] = ["a", "b", "c", "d"].map((name) => `chain/${name}`);
let made;

/** A server on a ledger in which `chain/d` is made of `chain/c`, and so on down to `chain/a`. */
async function chain() {
  const server = await filled();
  made ??= append(server, operation("make b", [A], [B]), operation("make c", [B], [C]), operation("make d", [C], [D]));
  await made;
  return server;
}

const of = (artifact, more = "") => `/lineage?of=${encodeURIComponent(artifact)}${more}`;
const list = (page, name) => page.getByRole("table", { name });
const nodes = async (page) =>
  (await list(page, "Artifacts of the graph").locator(".long-body [role=row] [role=cell]:first-child").allTextContents()).sort();

const shown = (page, ...names) => async () => {
  assert.deepEqual(await nodes(page), names);
  return true;
};

browse("lineage: an artifact is found by a part of its name, and an expanded one shows what was hidden", async ({ open }) => {
  const server = await chain();
  const { page } = await open(`${server.origin}/lineage`);
  await page.locator("[data-search]").fill("chain/");
  await until("four artifacts fit", async () => (await rows(page)).length === 4);
  await page.getByRole("link", { name: A, exact: true }).click();
  await isAt(page, "/lineage", { of: A });
  await page.getByRole("button", { name: "Table", exact: true }).click();
  await until("the artifact and what is made of it are shown", shown(page, A, B));
  await list(page, "Artifacts of the graph").getByRole("link", { name: B, exact: true }).click();
  await isAt(page, "/lineage", { of: A, sel: B });
  await page.getByRole("button", { name: "Show 1 hidden" }).click();
  await isAt(page, "/lineage", { expand: B });
  await until("what is made of the expanded one is shown, too", shown(page, A, B, C));
  await page.getByRole("button", { name: "Hide its neighbours" }).click();
  await until("it is hidden again", shown(page, A, B));
  await page.getByRole("button", { name: "Show all" }).click();
  await until("all are shown", shown(page, A, B, C, D));
  await page.getByRole("button", { name: "Made from" }).click();
  await until("nothing made the first", shown(page, A));
});

browse("lineage: the graph can be walked and expanded by keys, and says what is selected", async ({ open }) => {
  const server = await chain();
  const { page } = await open(server.origin + of(A, "&show=graph"));
  const said = page.locator("#lineage-selected");
  await until("the start is selected", async () => (await said.textContent()).startsWith(A));
  await page.locator("canvas").focus();
  await page.keyboard.press("ArrowRight");
  await isAt(page, "/lineage", { sel: B });
  await until("what is hidden is said", async () => /hidden/.test(await said.textContent()));
  await page.keyboard.press("Enter");
  await isAt(page, "/lineage", { sel: B, expand: B });
  await until("what was hidden is shown", async () => /used by 1 shown/.test(await said.textContent()));
  await page.keyboard.press("ArrowRight");
  await isAt(page, "/lineage", { sel: C });
  const drawn = await page.locator("canvas").evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });
  assert.ok(drawn > 3, `expected a picture of several colours; it has ${drawn}`);
});

browse("lineage: a way from one artifact to another is told step by step", async ({ open, allow }) => {
  const server = await chain();
  const { page } = await open(server.origin + of(A, `&show=table&depth=all&sel=${encodeURIComponent(C)}`));
  await page.getByRole("button", { name: "Path to here" }).click();
  await isAt(page, "/lineage", { from: A, to: C });
  const way = page.locator("section").filter({ has: page.getByRole("button", { name: "Turn round" }) });
  const steps = async () => (await way.getByRole("listitem").allTextContents()).join(" ").replace(/\s*(makes|→)\s*/g, " ");
  await until("the way from a to c is told", async () => (await steps()) === `${A} make b ${B} make c ${C}`);
  await way.getByRole("button", { name: "Turn round" }).click();
  await way.getByText("Nothing leads from").waitFor();
  await way.getByLabel("to", { exact: true }).fill(D);
  await way.getByLabel("to", { exact: true }).press("Enter");
  await until("the way from c to d is told", async () => (await steps()) === `${C} make d ${D}`);
  await way.getByLabel("from").fill(A);
  await way.getByLabel("from").press("Enter");
  await isAt(page, "/lineage", { from: A, to: D });
  await until("the way from a to d is told", async () => (await steps()).endsWith(`make c ${C} make d ${D}`));
  allow(/answer: 404 GET .*nowhere/);
  await way.getByLabel("to", { exact: true }).fill("chain/nowhere");
  await way.getByLabel("to", { exact: true }).press("Enter");
  await way.getByText("chain/nowhere is not known").waitFor();
});

browse("lineage: what has to be made again is listed by rounds", async ({ open }) => {
  const server = await chain();
  const { page } = await open(server.origin + of(A));
  await page.getByRole("button", { name: "Impact", exact: true }).click();
  await page.getByText("3 artifacts have to be made again").waitFor();
  const shown = (await rows(page)).map(([name, round]) => [name, round]);
  assert.deepEqual(shown, [[B, "1"], [C, "2"], [D, "3"]], "expected each artifact in the round after what it is made from");
});

browse("lineage: other forms of it are copied as the server writes them", async ({ open, context }) => {
  const server = await chain();
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.origin });
  const seen = await open(server.origin + of(A, "&direction=forward&depth=all&show=table"));
  const { page } = seen;
  const forms = { "prompt text": /chain\/a/, tree: /chain\/a/, Mermaid: /^(graph|flowchart) /, DOT: /^digraph /, SVG: /^<svg / };
  for (const [label, begin] of Object.entries(forms)) {
    const copy = page.locator(".lineage-formats button").filter({ hasText: label });
    await page.evaluate(() => navigator.clipboard.writeText(""));
    await copy.click();
    const text = await until(`${label} is in the clipboard`, () => page.evaluate(() => navigator.clipboard.readText()));
    assert.match(text, begin, `expected ${label}`);
    const request = seen.asked.at(-1);
    assert.match(request, /^GET .*direction=forward&depth=1000&/, "expected to copy what is shown");
    const answer = await fetch(server.origin + request.slice("GET ".length));
    assert.equal(text, await answer.text(), `expected ${label} as the server writes it`);
  }
});
