// Who may see and do what, on a server that asks for tokens.
import assert from "node:assert/strict";
import { join } from "node:path";
import { PAGE_URL, browse, filled, isAt, ledger, names, until, visit } from "./support.mjs";

const { PAGE_FOLDER } = process.env;
let number = 0;

/** A second server on the ledger of the tests, which goes by a file of tokens. */
async function guarded(serve) {
  await filled();
  const file = join(PAGE_FOLDER, `tokens-${number++}.json`);
  const token = (name, scope) => ledger("token", "new", name, "--scope", scope, "--file", file);
  const tokens = { admin: await token("boss", "admin"), read: await token("reader", "read"), append: await token("producer", "append") };
  const server = await serve(PAGE_URL, "--tokens", file);
  return { server, tokens };
}

async function signIn(page, token) {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
}

browse("sign-in: who is not known is asked for a token, and comes to where they wanted", async (tools) => {
  const { open, allow, context, serve } = tools;
  allow(/answer: 401 /);
  const { server, tokens } = await guarded(serve);
  const { run } = await names();
  const wanted = `/runs/${encodeURIComponent(run)}`;
  const { page } = await open(`${server.origin}${wanted}?order=desc`);
  await isAt(page, "/sign-in", { next: `${wanted}?order=desc` });
  await signIn(page, "wrong-token-of-some-length");
  await page.getByRole("alert").waitFor();
  await isAt(page, "/sign-in");
  assert.deepEqual(await context.cookies(), [], "expected no cookie for a wrong token");

  await signIn(page, tokens.admin);
  await isAt(page, wanted, { order: "desc" });
  await page.getByRole("heading", { level: 1 }).getByText(run).waitFor();
  const [cookie, ...others] = await context.cookies();
  assert.deepEqual(others, [], "expected one cookie");
  assert.deepEqual(
    [cookie.name, cookie.httpOnly, cookie.sameSite, cookie.path],
    [`ledger_session_${new URL(server.origin).port}`, true, "Strict", "/"],
    "expected a cookie that no script reads and no other site sends",
  );
  assert.equal(await page.evaluate(() => document.cookie), "", "expected that scripts see no cookie");
  await page.locator(".viewer").getByText("boss").waitFor();

  await page.getByRole("button", { name: "Sign out" }).click();
  await isAt(page, "/sign-in");
  assert.deepEqual(await context.cookies(), [], "expected that the cookie went when one signed out");
  await page.goto(`${server.origin}/events`);
  await isAt(page, "/sign-in", { next: "/events" });
});

browse("sign-in: a link of another site is no place to go to next", async ({ open, allow, serve }) => {
  allow(/answer: 401 /);
  const { server, tokens } = await guarded(serve);
  const { page } = await open(`${server.origin}/sign-in?next=${encodeURIComponent("//elsewhere.test/x")}`);
  await signIn(page, tokens.read);
  await isAt(page, "/");
  assert.equal(new URL(page.url()).origin, server.origin, "expected to stay on the site");
});

browse("sign-in: who may only read is offered nothing else, and is refused it", async ({ open, allow, serve }) => {
  allow(/answer: 403 POST \S+\/api\/v1\/(retention\/apply|tokens|events)/);
  const { server, tokens } = await guarded(serve);
  const { page } = await open(`${server.origin}/sign-in?next=/admin`);
  await signIn(page, tokens.read);
  await isAt(page, "/admin");
  await page.getByRole("heading", { name: "Retention" }).waitFor();
  for (const [name, value] of [["Ended well", "1s"], ["Ended otherwise", "1s"]]) await page.getByLabel(name).fill(value);
  await page.getByRole("button", { name: "Show what would go" }).click();
  await page.locator(".sweep").getByText(/operations, about|Nothing would go/).first().waitFor();
  assert.equal(await page.getByRole("button", { name: /Remove/ }).count(), 0, "expected no way to apply retention");
  assert.equal(await page.getByRole("heading", { name: "Tokens" }).count(), 0, "expected no tokens");
  const statuses = await page.evaluate(() => {
    const ask = async (path, body) => {
      const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
      return (await fetch(path, init)).status;
    };
    return Promise.all([
      ask("/api/v1/retention/apply?success=1s"),
      ask("/api/v1/tokens", { name: "mine", scopes: ["admin"] }),
      ask("/api/v1/events", { kind: "e2e.noted", payload: {} }),
    ]);
  });
  assert.deepEqual(statuses, [403, 403, 403], "expected that retention, tokens and events are refused");
});

browse("sign-in: an admin makes a token and revokes it; who used it is asked for one", async (tools) => {
  const { open, allow, context, serve } = tools;
  allow(/answer: 401 /);
  const { server, tokens } = await guarded(serve);
  const { page } = await open(`${server.origin}/sign-in?next=/admin`);
  await signIn(page, tokens.admin);
  await isAt(page, "/admin");
  await page.getByLabel("Name").fill("made here");
  await page.getByRole("button", { name: "Make a token" }).click();
  const made = await page.locator("code.token").textContent();
  const other = await context.browser().newContext();
  const guest = await other.newPage();
  await guest.goto(`${server.origin}/sign-in?next=/events`);
  await signIn(guest, made);
  await isAt(guest, "/events");
  await guest.locator(".link.live").waitFor();

  // Who listens with it stands in another table, under its name too.
  const row = page.getByRole("table", { name: "Tokens" }).getByRole("row").filter({ hasText: "made here" });
  await row.getByRole("button", { name: "Revoke…" }).click();
  await row.getByRole("button", { name: "Revoke made here" }).click();
  await row.waitFor({ state: "detached" });
  // The server ends the streams of a token within seconds after it was revoked.
  await until("who used the token is asked for another", () => new URL(guest.url()).pathname === "/sign-in", 8_000);
  await isAt(guest, "/sign-in", { next: "/events" });
  await other.close();
});

browse("sign-in: who may only append is told that nothing is live, and the stream is not tried again", async ({ open, allow, serve }) => {
  allow(/answer: 403 GET /);
  const { server, tokens } = await guarded(serve);
  const seen = await open(`${server.origin}/sign-in?next=/runs`);
  await signIn(seen.page, tokens.append);
  await isAt(seen.page, "/runs");
  await seen.page.locator(".link.refused").getByText("not live").waitFor();
  for (const path of ["/events", "/operations", "/"]) await visit(seen, path);
  const tries = seen.asked.filter((request) => request.startsWith("GET /api/v1/changes"));
  assert.equal(tries.length, 2, "expected the stream, one question why, and nothing more");
});
