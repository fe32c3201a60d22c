import assert from "node:assert/strict";
import { test } from "node:test";
import "../../test/browser.ts";
import { nextTheme, startTheme, theme } from "./theme.ts";

test("the colours are the system's until others are chosen, which are kept", () => {
  startTheme();
  assert.equal(document.documentElement.dataset["theme"], "system");
  nextTheme();
  nextTheme();
  assert.deepEqual([theme.value, document.documentElement.dataset["theme"]], ["dark", "dark"]);
  theme.value = "system";
  startTheme();
  assert.equal(theme.value, "dark");
  nextTheme();
  assert.equal(theme.value, "system");
  localStorage.setItem("ledger.theme", "pink");
  startTheme();
  assert.equal(theme.value, "system");
});
