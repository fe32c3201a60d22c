// What the keyboard does everywhere. `data-search` marks the field that `/` goes to, `data-row` what `j` and `k` move along.
import { signal } from "@preact/signals";
import { asOf, change, go, href } from "../lib/router.ts";

export const paletteOpen = signal(false);
export const helpOpen = signal(false);

/** A key, or several that do the same, and what that is. */
export type Key = readonly [keys: string, does: string];

/** The keys that every page knows, as the help shows them. */
export const keys: readonly Key[] = [
  ["Ctrl K", "go to any page, event, run, session or artifact"],
  ["/", "search on this page"],
  ["j  k", "next and previous row"],
  ["Enter", "open the row"],
  ["g o", "overview"],
  ["g e", "events"],
  ["g r", "runs"],
  ["g l", "lineage"],
  ["g p", "operations"],
  ["g s", "sessions"],
  ["g a", "admin"],
  ["n", "go back to now"],
  ["?", "these keys"],
  ["Esc", "close"],
];

/** The keys that one page knows, or a part of it which has the focus. */
export const ownKeys: readonly (readonly [page: string, keys: readonly Key[]])[] = [
  [
    "An event",
    [
      ["[", "the event before"],
      ["]", "the event after"],
    ],
  ],
  [
    "Runs and a run: their charts",
    [
      ["← → ↑ ↓", "from bar to bar"],
      ["Home End", "to the first bar, or the last"],
      ["← →", "on an edge of the time that is shown: move it"],
      ["Shift ← →", "move it farther"],
      ["Home End", "move it as far as it goes"],
    ],
  ],
  [
    "Lineage: the graph",
    [
      ["+", "closer"],
      ["-", "farther"],
      ["f", "show all of it"],
      ["← → ↑ ↓", "select what an artifact is made from, or what is made of it"],
      ["Enter", "show what is hidden there"],
      ["Esc", "select the artifact at which it starts"],
    ],
  ],
  ["Operations", [["Esc", "close the operation that is open"]]],
  [
    "Go to, and choosing a run",
    [
      ["↑ ↓", "next and previous of what was found"],
      ["Enter", "open it, or choose it"],
    ],
  ],
];

const pages: Record<string, string> = {
  o: "/",
  e: "/events",
  r: "/runs",
  l: "/lineage",
  p: "/operations",
  s: "/sessions",
  a: "/admin",
};

/** Says whether a key was pressed where it is written, or where a dialog takes it. */
export function isTyped(event: Event): boolean {
  return (event.target as Element).closest("input, textarea, select, dialog, [contenteditable]") !== null;
}

let waiting = -Infinity;

export function startKeys(): void {
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      paletteOpen.value = !paletteOpen.value;
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyped(event)) return;
    if (performance.now() - waiting < 1_200 && pages[event.key]) {
      waiting = -Infinity;
      event.preventDefault();
      go(href(pages[event.key]!));
      return;
    }
    if (press(event.key)) event.preventDefault();
  });
}

function press(key: string): boolean {
  switch (key) {
    case "g":
      waiting = performance.now();
      return true;
    case "/": {
      const field = document.querySelector<HTMLInputElement>("[data-search]");
      field?.focus();
      field?.select();
      return field !== null;
    }
    case "?":
      helpOpen.value = true;
      return true;
    case "j":
      return step(1);
    case "k":
      return step(-1);
    case "n":
      if (asOf.value === null) return false;
      change({ as_of: null });
      return true;
    default:
      return false;
  }
}

function step(by: number): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")];
  if (rows.length === 0) return false;
  const at = rows.indexOf(document.activeElement?.closest<HTMLElement>("[data-row]") ?? rows[0]!);
  const next = document.activeElement?.closest("[data-row]") ? at + by : 0;
  const row = rows[Math.min(Math.max(next, 0), rows.length - 1)]!;
  row.focus();
  row.scrollIntoView({ block: "nearest" });
  return true;
}
