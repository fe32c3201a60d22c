// A ledger with nothing in it: each view says what would fill it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { browse, ledger, shot, visit } from "./support.mjs";

browse("empty: each view says which command would fill it", async ({ open, serve }) => {
  const url = `sqlite:${join(process.env.PAGE_FOLDER, "empty.db")}`;
  const server = await serve(url);
  const seen = await open(`${server.origin}/admin`);
  const { page } = seen;
  await page.getByText("ledger token new").waitFor();
  for (const path of ["/", "/events", "/runs", "/lineage", "/operations", "/sessions"]) {
    await visit(seen, path);
    const command = await page.locator(".empty .command code").first().textContent();
    assert.ok(command.startsWith(`ledger --url ${server.origin} `), `expected a command for this server on ${path}`);
    assert.equal(await page.locator("h1").count(), 1, `expected one h1 on ${path}`);
    await shot(page, `empty ${path}`);
  }
  await visit(seen, "/compare");
  await page.getByText("Choose two runs").waitFor();
  await visit(seen, "/events");
  await page.locator(".link.live").waitFor();
  const command = await page.locator(".empty .command code").first().textContent();
  const asItIs = /^ledger --url \S+ append --kind [\w.]+ --payload '\{\}'$/;
  assert.match(command, asItIs, "expected a command that can be taken as it is");
  await ledger(...command.replaceAll("'", "").split(" ").slice(1));
  await page.locator(".long-body [role=row]").first().waitFor();
});

browse("empty: what is not there is said to be not there", async ({ open, allow, serve }) => {
  allow(/answer: 404 GET /);
  const server = await serve(`sqlite:${join(process.env.PAGE_FOLDER, "nothing.db")}`);
  const events = ["/events/17", "/events/no-such-id"];
  const seen = await open(`${server.origin}/runs`);
  for (const path of [...events, "/runs/none", "/runs/%FF", "/compare?a=x&b=y", "/sessions/none", "/lineage?of=none"]) {
    await visit(seen, path);
    const { page } = seen;
    assert.equal(await page.locator("h1").count(), 1, `expected one h1 on ${path}`);
    const words = page.locator(".empty, [role=alert], [role=status]:not(.link *)");
    assert.ok(await words.count(), `expected a word about it on ${path}`);
  }
});
