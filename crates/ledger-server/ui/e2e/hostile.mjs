// Whoever appends to the ledger chooses names and payloads: on the page they are text, and nothing else.
import assert from "node:assert/strict";
import { append, browse, filled, operation, until, visit } from "./support.mjs";

const HIT = "window.hit=1";
const NAME = `"q" 'r' <script>${HIT}</script><img src=x onerror=${HIT}> {{7*7}} & </script> ../a?b#c%41\\`;
const PAYLOAD = {
  text: `</script><script>${HIT}</script>`,
  html: `<img src=x onerror="${HIT}"><svg onload="${HIT}"><a href="javascript:${HIT}">x</a>`,
  [`<img src=x onerror=${HIT}>`]: { "<b>": [`<style>*{display:none}</style>`, `\u202e\u2028${HIT}`, "__proto__"] },
};
const path = encodeURIComponent(NAME);

browse("hostile: markup in names and payloads is shown as text, and nothing of it runs", async ({ open }) => {
  const server = await filled();
  const all = { run_id: NAME, actor: NAME, session_id: NAME };
  const tags = [`table:${NAME}`];
  const texts = ["project", "bucket", "table", "error", "error_code", "sql", "job", "request_id"].map((name) => [name, NAME]);
  const said = { ...Object.fromEntries(texts), metadata: PAYLOAD, status: "error" };
  const [event, ended] = await append(
    server,
    { kind: "e2e.noted", payload: PAYLOAD, ...all, tags },
    operation(NAME, [NAME], [`${NAME}/made`], all, said),
    operation(NAME, [NAME], [`${NAME}/made`], all),
  );
  const query = `run=${path}`;
  const addresses = [
    `/events?${query}&tag=${encodeURIComponent(tags[0])}`,
    `/events?${query}`,
    `/events/${event}`,
    `/events/${ended}`,
    `/runs?q=${path}`,
    `/runs/${path}`,
    `/compare?a=${path}&b=${path}`,
    `/lineage?q=${path}`,
    `/lineage?of=${path}&show=table`,
    `/lineage?of=${path}&show=graph`,
    `/lineage?of=${path}&show=impact`,
    `/lineage?of=${path}&show=table&from=${path}&to=${encodeURIComponent(`${NAME}/made`)}`,
    `/operations?period=1h&status=error`,
    `/operations?op=${ended}&period=1h`,
    "/sessions",
    `/sessions/${path}`,
    "/",
  ];
  const seen = await open(`${server.origin}/runs`);
  const { page } = seen;
  for (const address of addresses) {
    await visit(seen, address);
    const found = await page.evaluate(() => ({
      hit: window.hit,
      scripts: [...document.scripts].map((script) => script.getAttribute("src")),
      images: [...document.images].filter((image) => image.getAttribute("src") !== "/assets/favicon.svg").length,
      styles: document.querySelectorAll("style, main base, iframe, object, [onerror], [onload]").length,
      links: [...document.links].filter((link) => !/^https?:$/.test(link.protocol)).map((link) => link.href),
    }));
    const none = { hit: undefined, scripts: ["/assets/app.js"], images: 0, styles: 0, links: [] };
    assert.deepEqual(found, none, `expected that nothing on ${address} became more than text`);
    await until(`the name stands on ${address} as it is`, async () => {
      const text = await page.locator("main").evaluate((main) => {
        const fields = [...main.querySelectorAll("input")].map((field) => field.value);
        return [main.textContent, ...fields].join("\n");
      });
      assert.ok(text.includes(NAME) || text.includes(JSON.stringify(NAME)), text.slice(0, 300));
      return true;
    });
  }
});

browse("hostile: payloads that call themselves operations and are none break no page", async ({ open }) => {
  const server = await filled();
  const odd = [
    null,
    "text",
    5,
    [],
    { inputs: null, outputs: null, metadata: null },
    { id: "x", operation: "odd", inputs: { a: null, b: "c", d: [] }, outputs: "text", started_at: "soon", finished_at: 5 },
    { id: 7, operation: { a: 1 }, inputs: [1, null], outputs: { a: 1 }, status: "odd", columns: [null] },
    { id: "y", operation: "odd", status: 7, started_at: "2026-01-01T00:00:00Z", columns: { a: null } },
    { id: "z", operation: "odd", error: [], sql: { a: 1 }, table: 5, bucket: {}, rows_affected: "many", job: {} },
  ];
  const events = odd.map((payload) => ({ kind: "operation.finished", run_id: "odd", payload, tags: ["writes:odd/table"] }));
  const offsets = await append(server, ...events);
  const addresses = ["/runs/odd", "/compare?a=odd&b=odd", "/events?run=odd", "/operations?period=1h"].concat(
    offsets.flatMap((offset) => [`/events/${offset}`, `/operations?period=1h&op=${offset}`]),
  );
  const seen = await open(`${server.origin}/`);
  for (const address of addresses) {
    await visit(seen, address);
    assert.equal(await seen.page.locator("main h1").count(), 1, `expected one h1 on ${address}`);
    if (address.includes("&op=")) await seen.page.locator(".op-detail h2").waitFor();
  }
});
