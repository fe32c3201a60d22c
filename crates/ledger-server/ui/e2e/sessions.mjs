// One session: where it opens, its axis, and its checkpoints.
import assert from "node:assert/strict";
import { append, browse, filled, visit } from "./support.mjs";

browse("session: it opens at the newest edits, stays where one goes, and marks its checkpoints", async ({ open }) => {
  const server = await filled();
  const named = { run_id: "e2e", session_id: "lanes", actor: "ann" };
  const edit = (lamport) => ({
    ...named,
    id: `lanes.${lamport}`,
    kind: "session.operation",
    actor: ["ann", "bob"][lamport % 2],
    lamport,
    parents: lamport > 1 ? [`lanes.${lamport - 1}`] : [],
    payload: { domain: "doc", op: { op: "insert", target: `p-${lamport}`, position: 0 } },
  });
  const offsets = await append(server, ...Array.from({ length: 80 }, (_, at) => edit(at + 1)));
  const payload = { snapshot: "lanes-70", lamport: 70, operations: 70, offset: offsets[69], last: {} };
  await append(server, { ...named, kind: "session.checkpoint", tags: ["checkpoint:lanes"], payload });
  const seen = await open(`${server.origin}/sessions/lanes`);
  const { page } = seen;
  await page.locator(".link.live").waitFor();
  const edited = (offset) => page.locator(`.lanes a[data-row][href="/events/${offset}"]`);
  const left = (offset) => edited(offset).evaluate((one) => one.getBoundingClientRect().left);
  const isSeen = (offset) =>
    edited(offset).evaluate((one) => {
      const parts = [one, one.closest(".lanes"), document.querySelector(".lanes .names")];
      const [edit, frame, names] = parts.map((part) => part.getBoundingClientRect());
      return edit.left >= names.right && edit.right <= frame.right;
    });
  assert.ok(await isSeen(offsets[79]), "expected that the newest edit is seen at first");
  assert.ok(!(await isSeen(offsets[0])), "expected more edits than there is room for");

  const numbers = await page.locator(".stamps text").evaluateAll((all) =>
    all.map((one) => ({ text: one.textContent, box: one.getBoundingClientRect().toJSON() })),
  );
  assert.equal(numbers[0].text, "1", "expected that the axis begins with the first stamp");
  assert.ok(numbers.length > 10, `expected an axis of stamps; it has ${numbers.length}`);
  for (const [at, { text, box }] of numbers.entries()) {
    assert.ok(at === 0 || box.left > numbers[at - 1].box.right, `expected that ${text} overlaps no other stamp`);
  }

  const words = `Checkpoint lanes-70: 70 edits, up to offset ${offsets[69].toLocaleString("en")}`;
  assert.equal(await page.getByRole("link", { name: words, exact: true }).count(), 1, "expected a mark of the checkpoint");
  await page.getByText("As a table").click();
  const row = page.getByRole("table", { name: "Edits in causal order" }).getByRole("row").filter({ hasText: "lanes-70" });
  assert.match(await row.innerText(), /"p-70"/, "expected the checkpoint at the last edit that it includes");

  await page.locator(".lanes").evaluate((lanes) => (lanes.scrollLeft = 300));
  const before = await left(offsets[20]);
  const [next] = await append(server, edit(81));
  await edited(next).waitFor({ state: "attached" });
  assert.ok(Math.abs((await left(offsets[20])) - before) < 1, "expected that what one looks at stays where it is");

  await visit(seen, `/sessions/lanes?at=${offsets[40]}`);
  assert.ok(await isSeen(offsets[40]), "expected that the edit which the address names is seen");
  assert.equal(await edited(offsets[40]).getAttribute("aria-current"), "true");
});

browse("session: an event leads to its edit, lanes have an order, trouble with checkpoints is told", async ({ open, allow }) => {
  allow(/answer: 500 GET \S+\/checkpoints/);
  const server = await filled();
  const edit = (actor, lamport) => {
    const payload = { domain: "doc", op: { op: "insert", target: `p-${lamport}`, position: 0 } };
    return { kind: "session.operation", run_id: "e2e", session_id: "order", actor, lamport, payload };
  };
  // By offsets and by stamps, zoe stands before bob.
  const [, second] = await append(server, edit("zoe", 2), edit("ann", 1), edit("bob", 3));
  const { page } = await open(`${server.origin}/events/${second}`);
  let wrong = true;
  const told = { status: 500, contentType: "application/json", body: JSON.stringify({ code: "internal", detail: "it broke" }) };
  await page.route(/\/sessions\/order\/checkpoints/, (route) => (wrong ? route.fulfill(told) : route.continue()));
  await page.getByRole("link", { name: "order", exact: true }).click();
  const named = page.locator(`.lanes a[data-row][href="/events/${second}"]`);
  await named.waitFor();
  assert.equal(await named.getAttribute("aria-current"), "true", "expected that the edit is marked");
  const lanes = await page.locator(".lanes .names title").allTextContents();
  assert.deepEqual(lanes, ["ann", "bob", "zoe"], "expected the lanes in the order of the session's actors");
  const alert = page.getByRole("alert").filter({ hasText: "it broke" });
  await alert.waitFor();
  wrong = false;
  await alert.getByRole("button", { name: "Try again" }).click();
  await alert.waitFor({ state: "detached" });
});
