// Every view opens, can be used by everybody, and fits its screen.
import assert from "node:assert/strict";
import { COLOURS, append, barriers, browse, filled, names, settled, shot, until } from "./support.mjs";

const inPath = encodeURIComponent;

/** The views, by what their pictures are called. */
const views = {
  overview: () => "/",
  events: () => "/events",
  event: ({ event }) => `/events/${event}`,
  runs: () => "/runs",
  run: ({ run }) => `/runs/${inPath(run)}`,
  compare: ({ run, other }) => `/compare?a=${inPath(run)}&b=${inPath(other)}`,
  artifacts: () => "/lineage",
  lineage: ({ artifact }) => `/lineage?of=${inPath(artifact)}`,
  operations: () => "/operations",
  sessions: () => "/sessions",
  session: ({ session }) => `/sessions/${inPath(session)}`,
  admin: () => "/admin",
  "sign-in": () => "/sign-in",
};

async function fits(page, width, height) {
  await page.setViewportSize({ width, height });
  const wide = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    const out = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > room + 1);
    return { by: document.documentElement.scrollWidth - room, first: out[0]?.outerHTML.slice(0, 200) };
  });
  assert.ok(wide.by <= 0, `expected no sideways scrolling at a width of ${width}; it is ${wide.by} too wide, by ${wide.first}`);
}

// What the README shows. After a change of how the page looks, its pictures are made anew by a run of these tests and
// `for of in overview lineage; do cp target/tmp/page/sqlite/readme-$of.png crates/ledger-server/ui/pictures/$of.png; done`,
// and smaller by whatever makes palettes of PNGs, such as `pngquant --force --ext .png crates/ledger-server/ui/pictures/*.png`.
browse("pictures: the overview and a graph are taken as the README shows them", async ({ open }) => {
  const server = await filled();
  const overview = await open(`${server.origin}/`);
  await overview.page.locator(".link.live").waitFor();
  // Who listens is asked again when something came: then the page itself does.
  await append(server, { kind: "order.placed", run_id: "shop", actor: "checkout", payload: { total_eur: 38.16 } });
  const listeners = overview.page.locator(".card", { hasText: "Listeners" }).locator(".figure");
  await until("the page is among the listeners", async () => (await listeners.innerText()) === "1", 8_000);
  await settled(overview);
  await shot(overview.page, "readme overview");
  const graph = await open(`${server.origin}/lineage?of=staging%2Forders&depth=2`);
  await graph.page.locator(".link.live").waitFor();
  assert.match(await graph.page.locator("#lineage-selected").innerText(), /^staging\/orders: intermediate, made from 1 shown/);
  await shot(graph.page, "readme lineage");
});

for (const [view, address] of Object.entries(views)) {
  browse(`${view}: opens without trouble, passes axe in light and dark, and fits its screen`, async ({ open }) => {
    const { origin } = await filled();
    const seen = await open(origin + address(await names()));
    const { page } = seen;
    assert.equal(await page.locator("h1").count(), 1, "expected one h1");
    assert.equal(await page.locator("[role=alert]").count(), 0, "expected no trouble to be told");
    assert.match(await page.title(), / · ledger$/);
    for (const [colorScheme, rules] of [["light"], ["dark", COLOURS]]) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await barriers(page, rules), [], `expected that axe finds nothing in ${colorScheme} colours`);
      await shot(page, `${view} ${colorScheme}`);
    }
    await page.emulateMedia({ colorScheme: "light" });
    await fits(page, 360, 740);
    await settled(seen);
    await shot(page, `${view} narrow`);
    await fits(page, 3840, 2160);
    await settled(seen);
    await shot(page, `${view} wide`);
  });
}
