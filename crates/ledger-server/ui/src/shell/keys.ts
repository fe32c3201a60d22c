// What the keyboard does everywhere. `data-search` marks the field that `/` goes to, `data-row` what `j` and `k` move along.
import { signal } from "@preact/signals";
import { asOf, change, go, href } from "../lib/router.ts";

export const paletteOpen = signal(false);
export const helpOpen = signal(false);

/** The keys, as the help shows them. */
export const keys: readonly [string, string][] = [
  ["Ctrl K", "go to any page, event, run or artifact"],
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

const pages: Record<string, string> = {
  o: "/",
  e: "/events",
  r: "/runs",
  l: "/lineage",
  p: "/operations",
  s: "/sessions",
  a: "/admin",
};

let waiting = -Infinity;

export function startKeys(): void {
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      paletteOpen.value = !paletteOpen.value;
      return;
    }
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest("input, textarea, select, dialog, [contenteditable]")) return;
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
