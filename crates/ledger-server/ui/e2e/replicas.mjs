// Replicas: how far each is behind, as it says itself.
import assert from "node:assert/strict";
import { join } from "node:path";
import { append, browse, ledger, shot, until, visit } from "./support.mjs";

const file = (name) => `sqlite:${join(process.env.PAGE_FOLDER, name)}`;
const noted = (n) => ({ kind: "e2e.noted", actor: "e2e", payload: { n } });

browse("replicas: one that stands still falls behind, one that is away says why, and both come back", async ({ open, serve }) => {
  const [url, copy, gone] = ["replicated.db", "copy-of-it.db", "gone.db"].map(file);
  await ledger("--url", url, "append", "--kind", "e2e.noted", "--payload", "{}");
  const carry = (to) => ledger("replicate", "--from", url, "--to", to);
  await carry(copy);
  const server = await serve(url, "--replica", `copy=${copy}`, "--replica", `gone=${gone}`);
  const seen = await open(`${server.origin}/admin`);
  const { page } = seen;
  await page.locator(".link.live").waitFor();
  const row = (name) => page.getByRole("table", { name: /^Replicas/ }).locator("tbody tr", { hasText: name });
  assert.deepEqual(await row("copy").locator("td").allInnerTexts(), ["copy", "✓ has all", "1", "0", ""]);
  assert.match(await row("gone").innerText(), /✕ not known[^]*the log of the server says why/);
  await append(server, noted(1), noted(2), noted(3));
  await until("the copy is 3 behind", async () => (await row("copy").locator("td").nth(3).innerText()) === "3", 10_000);
  await shot(page, "replicas");
  await visit(seen, "/");
  await page.locator(".verdict", { hasText: "the replica gone is not known to be well" }).waitFor();
  await carry(copy);
  await carry(gone);
  // Nothing is appended here meanwhile: what is behind is asked again all the same.
  const card = page.locator(".card", { hasText: "Replicas" }).locator(".figure");
  await until("both have all", async () => (await card.innerText()) === "✓ has all", 12_000);
  assert.match(await page.locator(".verdict").innerText(), /no replica is far behind/);
});
