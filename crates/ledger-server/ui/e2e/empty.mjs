// A ledger with nothing in it: each view says what would fill it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { browse, ledger, serve, shot } from "./support.mjs";

browse("empty: each view says which command would fill it", async ({ open, allow }) => {
  allow(/answer: 501 GET \S+\/api\/v1\/tokens$/);
  const url = `sqlite:${join(process.env.PAGE_FOLDER, "empty.db")}`;
  const server = await serve(url);
  try {
    for (const path of ["/", "/events", "/runs", "/lineage", "/operations", "/sessions"]) {
      const { page } = await open(server.origin + path);
      assert.match(await page.locator(".empty .command code").first().textContent(), /^ledger /, `expected a command on ${path}`);
      assert.equal(await page.locator("h1").count(), 1, `expected one h1 on ${path}`);
      await shot(page, `empty ${path}`);
      await page.close();
    }
    const compare = await open(`${server.origin}/compare`);
    await compare.page.getByText("Choose two runs").waitFor();
    const admin = await open(`${server.origin}/admin`);
    await admin.page.getByText("ledger token new").waitFor();
    const { page } = await open(`${server.origin}/events`);
    await page.locator(".link.live").waitFor();
    const command = await page.locator(".empty .command code").first().textContent();
    assert.match(command, /^ledger append --kind [\w.]+ --payload '\{\}'$/, "expected a command that can be taken as it is");
    await ledger("--url", url, ...command.replaceAll("'", "").split(" ").slice(1));
    await page.locator(".long-body [role=row]").first().waitFor();
  } finally {
    await server.stop();
  }
});

browse("empty: what is not there is said to be not there", async ({ open, allow }) => {
  allow(/answer: 404 GET /);
  const server = await serve(`sqlite:${join(process.env.PAGE_FOLDER, "nothing.db")}`);
  try {
    const events = ["/events/17", "/events/no-such-id"];
    for (const path of [...events, "/runs/none", "/runs/%FF", "/compare?a=x&b=y", "/sessions/none", "/lineage?of=none"]) {
      const { page } = await open(server.origin + path);
      assert.equal(await page.locator("h1").count(), 1, `expected one h1 on ${path}`);
      const words = page.locator(".empty, [role=alert], [role=status]:not(.link)");
      assert.ok(await words.count(), `expected a word about it on ${path}`);
      await page.close();
    }
  } finally {
    await server.stop();
  }
});
