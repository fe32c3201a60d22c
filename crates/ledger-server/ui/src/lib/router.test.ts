import assert from "node:assert/strict";
import { test } from "node:test";
import { bar, fire, visit } from "../../test/browser.ts";
import { asOf, asOfWords, change, go, href, partsOf, place, search, startRouter } from "./router.ts";

startRouter();

test("what is not set is not written, and each of several values is", () => {
  assert.equal(search({}), "");
  assert.equal(search({ a: null, b: undefined, c: false, d: "", e: [] }), "");
  const written = search({ limit: 0, heat: true, kind: ["order.*", "a.b"], q: "a b&c" });
  assert.equal(written, "?limit=0&heat=true&kind=order.*&kind=a.b&q=a+b%26c");
});

test("a link keeps the time that the viewer looks at, unless it names one", () => {
  visit("/runs?as_of=1200&q=x");
  assert.equal(asOf.value, "1200");
  assert.equal(href("/events", { run: "r-1" }), "/events?run=r-1&as_of=1200");
  assert.equal(href("/events", { as_of: null }), "/events");
  assert.equal(href("/events", { as_of: 7 }), "/events?as_of=7");
  visit("/runs");
  assert.equal(asOf.value, null);
  assert.equal(href("/events"), "/events");
});

test("a change keeps the other parameters, and goes back by one step", () => {
  visit("/events?run=r-1&kind=a.b&kind=c.d&as_of=9");
  change({ kind: ["c.d"], actor: "ann" });
  assert.deepEqual(bar.moves, [["push", "/events?run=r-1&as_of=9&kind=c.d&actor=ann"]]);
  assert.deepEqual(place.value.params.getAll("kind"), ["c.d"]);
  change({ kind: null, run: "", as_of: false, actor: undefined }, "replace");
  assert.deepEqual(bar.moves[1], ["replace", "/events"]);
  assert.equal(place.value.params.toString(), "");
});

test("going somewhere is known at once, and so is coming back", () => {
  visit("/");
  go("/runs/r%2F1?as_of=3");
  assert.deepEqual([place.value.path, asOf.value], ["/runs/r%2F1", "3"]);
  bar.address = "/";
  fire("popstate", {});
  assert.deepEqual([place.value.path, asOf.value], ["/", null]);
});

test("a path is a page and a name, whatever the name is", () => {
  assert.deepEqual(partsOf("/"), ["", ""]);
  assert.deepEqual(partsOf("/runs"), ["runs", ""]);
  assert.deepEqual(partsOf("/runs/a%2Fb%20c"), ["runs", "a/b c"]);
  assert.deepEqual(partsOf("/sessions/100%"), ["sessions", "100%"]);
  assert.deepEqual(partsOf("/sessions/%FF"), ["sessions", "%FF"]);
});

function click(href: string | null, event: object = {}, written: Record<string, string> = {}, link: object = {}): boolean {
  const attributes: Record<string, string | null> = { href, ...written };
  const anchor = {
    getAttribute: (name: string) => attributes[name] ?? null,
    hasAttribute: (name: string) => name in attributes,
    ...link,
  };
  return fire("click", { button: 0, target: { closest: () => anchor }, ...event });
}

test("links of this site are followed without loading it anew", () => {
  visit("/");
  assert.equal(click("/events?run=a"), true);
  assert.equal(place.value.path, "/events");
  assert.equal(click("/events?run=a"), true);
  assert.equal(bar.moves.length, 1, "a link to where one is adds no step to the history");
});

test("links within an SVG are followed as well", () => {
  visit("/lineage?of=a");
  const svg = { target: { baseVal: "", animVal: "" }, href: { baseVal: "/runs/a", animVal: "/runs/a" } };
  assert.equal(click("/runs/a?q=b", {}, {}, svg), true);
  assert.deepEqual(bar.moves, [["push", "/runs/a?q=b"]]);
  assert.equal(click("/runs", {}, { target: "_blank" }, svg), false);
  assert.equal(click("https://elsewhere.org/runs", {}, {}, svg), false);
  assert.equal(click(null, {}, {}, svg), false, "it leads nowhere");
});

test("links that are the browser's are left to it", () => {
  visit("/");
  for (const held of ["ctrlKey", "metaKey", "shiftKey", "altKey"]) assert.equal(click("/runs", { [held]: true }), false, held);
  assert.equal(click("/runs", { button: 1 }), false);
  assert.equal(click("/runs", { defaultPrevented: true }), false);
  assert.equal(click("/runs", {}, { target: "_blank" }), false);
  assert.equal(click("/runs", {}, { download: "" }), false, "a download");
  assert.equal(click("https://elsewhere.org/runs"), false);
  const servers = ["/api/v1/snapshot", "/docs", "/openapi.json", "/metrics", "/assets/app.js"];
  for (const path of servers) assert.equal(click(path), false, path);
  visit("/runs?q=a");
  assert.equal(click("/runs?q=a#main"), false, "a place on this page");
  assert.equal(click("/runs#main"), true);
  assert.equal(click("/documents"), true, "not every path that begins as one of the server's is one");
  assert.equal(fire("click", { button: 0, target: { closest: () => null } }), false, "no link");
});

test("as of when one looks is said in words, and of now nothing", () => {
  const said: [string, string][] = [["/", ""], ["/runs?as_of=13245", " as of offset 13,245"], ["/?as_of=0", " as of offset 0"]];
  for (const [address, words] of said) {
    visit(address);
    assert.equal(asOfWords(), words);
  }
  visit("/?as_of=2026-01-31");
  assert.equal(asOfWords(), " as of 2026-01-31");
});
