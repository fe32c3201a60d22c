// The runs by what is asked of them.
import assert from "node:assert/strict";
import { append, ask, browse, filled, isAt, until } from "./support.mjs";

browse("runs: those that ended for a reason, at a time, are found, and the address says so", async ({ open }) => {
  const server = await filled();
  const at = (hour) => `2001-02-03T0${hour}:00:00Z`;
  const said = (run_id, kind, hour, payload = {}) => ({ run_id, kind, actor: "e2e", payload, created_at: at(hour) });
  await append(
    server,
    said("asked-1", "run.started", 1),
    said("asked-1", "run.finished", 2, { reason: "Disk full" }),
    said("asked-2", "run.started", 3),
    said("asked-2", "run.finished", 4, { reason: "disk gone" }),
  );
  const { page } = await open(`${server.origin}/runs`);
  const shown = () => page.getByRole("table", { name: /^Runs/ }).locator("tbody td:first-child .run-name").allInnerTexts();
  await page.getByLabel("Ended as").fill("DISK");
  await until("both are shown", async () => (await shown()).join() === "asked-2,asked-1");
  await page.getByLabel("Filter by").selectOption("until");
  await page.locator(".filter-text input").fill("nonsense");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByRole("alert").getByText("write a date and time").waitFor();
  await page.locator(".filter-text input").fill(at(3));
  await page.getByRole("button", { name: "Add" }).click();
  await until("the first is shown", async () => (await shown()).join() === "asked-1");
  const { searchParams } = new URL(page.url());
  const { total } = await ask(server, `/api/v1/runs?${searchParams}`);
  assert.deepEqual([total, searchParams.get("reason")], [1, "DISK"]);
  await page.getByRole("button", { name: /Remove the filter/ }).click();
  await until("both are shown again", async () => (await shown()).length === 2);
  await isAt(page, "/runs", { reason: "DISK" });
});
