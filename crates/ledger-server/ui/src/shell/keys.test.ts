import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { bar, fire, found, visit } from "../../test/browser.ts";
import { startRouter } from "../lib/router.ts";
import { helpOpen, keys, paletteOpen, startKeys } from "./keys.ts";

startRouter();
startKeys();

const body = { closest: () => null };
const press = (key: string, event: object = {}) => fire("keydown", { key, target: body, ...event });

beforeEach(() => {
  press("x");
  for (const selector of Object.keys(found)) delete found[selector];
  paletteOpen.value = helpOpen.value = false;
  visit("/");
});

test("g and a letter lead to a page, at the time that is looked at", () => {
  visit("/?as_of=12");
  assert.ok(press("g") && press("e"));
  assert.equal(bar.address, "/events?as_of=12");
  assert.equal(press("e"), false, "the letter alone does nothing");
});

test("every page has its letter, and the help names it", () => {
  for (const [key] of keys.filter(([key]) => key.startsWith("g "))) {
    visit("/compare");
    press("g");
    assert.ok(press(key.slice(2)), key);
    assert.notEqual(bar.address, "/compare", key);
  }
});

test("keys that are typed into a field stay there, and the palette opens from everywhere", () => {
  const field = { target: { closest: () => ({}) } };
  for (const key of ["g", "?", "j", "/", "n"]) assert.equal(press(key, field), false, key);
  assert.equal(helpOpen.value, false);
  assert.ok(press("k", { ...field, ctrlKey: true }));
  assert.equal(paletteOpen.value, true);
  assert.ok(press("K", { metaKey: true }));
  assert.equal(paletteOpen.value, false);
});

test("keys of the browser are left to it", () => {
  for (const held of ["ctrlKey", "metaKey", "altKey"]) assert.equal(press("j", { [held]: true }), false, held);
  assert.equal(press("/"), false, "where there is no field to search in, the browser's own search opens");
});

test("n goes back to now, and adds nothing to the history where one is there", () => {
  assert.equal(press("n"), false);
  assert.deepEqual(bar.moves, []);
  visit("/runs?as_of=3&q=x");
  assert.ok(press("n"));
  assert.equal(bar.address, "/runs?q=x");
});

test("j and k move along the rows and stay within them", () => {
  assert.equal(press("j"), false, "there are no rows");
  const focused: number[] = [];
  const rows = [0, 1, 2].map((at) => ({
    focus() {
      focused.push(at);
      (document as unknown as { activeElement: unknown }).activeElement = this;
    },
    closest() {
      return this;
    },
    scrollIntoView: () => undefined,
  }));
  found["[data-row]"] = rows;
  for (const key of "jjjjkkkk") press(key);
  assert.deepEqual(focused, [0, 1, 2, 2, 1, 0, 0, 0]);
});

test("/ goes to the search field, and ? shows the keys", () => {
  let focused = 0;
  found["[data-search]"] = [{ focus: () => focused++, select: () => undefined }];
  assert.ok(press("/"));
  assert.equal(focused, 1);
  assert.ok(press("?"));
  assert.equal(helpOpen.value, true);
});
