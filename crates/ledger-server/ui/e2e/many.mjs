// More events than anybody wants in one page.
import assert from "node:assert/strict";
import { append, browse, filled, rows, until } from "./support.mjs";

const [MANY, AT_ONCE, MOST_ROWS] = [30_000, 10_000, 400];

browse(`many: one scrolls through ${MANY} events to the first, and few of them are in the page at a time`, async ({ open }) => {
  const server = await filled();
  const offsets = [];
  for (let from = 0; from < MANY; from += AT_ONCE) {
    const event = (n) => ({ kind: "many.noted", run_id: "many", payload: { n } });
    offsets.push(...(await append(server, ...Array.from({ length: AT_ONCE }, (_, at) => event(from + at)))));
  }
  const seen = await open(`${server.origin}/events?run=many`);
  const { page } = seen;
  assert.equal(Number((await rows(page))[0][0]), offsets.at(-1), "expected that the list begins with the newest");
  const most = await page.evaluate(async (whole) => {
    const body = document.querySelector(".long-scroll");
    const foot = document.querySelector(".long-foot");
    const end = performance.now() + 60_000;
    let most = 0;
    while (!foot.textContent.includes(whole)) {
      if (performance.now() > end) throw new Error(`expected to reach the first event; the foot says: ${foot.textContent}`);
      body.scrollTop = body.scrollHeight;
      await new Promise((done) => requestAnimationFrame(done));
      most = Math.max(most, document.querySelectorAll(".long-row").length);
    }
    body.scrollTop = body.scrollHeight;
    return most;
  }, `${MANY.toLocaleString("en")} events.`);
  assert.ok(most < MOST_ROWS, `expected fewer than ${MOST_ROWS} rows in the page; there were ${most}`);
  await until("the first event is the last row", async () => Number((await rows(page)).at(-1)[0]) === offsets[0]);
  const pages = seen.asked.filter((request) => /^GET \/api\/v1\/events\?.*\bcursor=/.test(request));
  assert.ok(pages.length >= 10, `expected that the list was read in parts, each from a cursor; there were ${pages.length}`);
  assert.equal(new Set(pages).size, pages.length, "expected that no part is read twice");
});
