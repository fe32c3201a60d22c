// Where the viewer is: the path and the parameters of the address, which hold all that a view shows, so that it can be sent.
import { computed, signal } from "@preact/signals";
import { count } from "./format.ts";

export interface Place {
  path: string;
  params: URLSearchParams;
}

function current(): Place {
  return { path: location.pathname, params: new URLSearchParams(location.search) };
}

export const place = signal<Place>(current());

/**
 * The offset that every view looks at the ledger as of; null is now. Somebody may write a time into the address: before a view is
 * shown it becomes an offset, so that views see no time here. The bar around them does.
 */
export const asOf = computed<string | null>(() => place.value.params.get("as_of") || null);

/** Says whether a text of an address is an offset. */
export function isOffset(text: string): boolean {
  return /^\d+$/.test(text);
}

/** As of when the viewer looks, to be put behind what was found: ` as of offset 1,200`. Of now nothing is said. */
export function asOfWords(): string {
  const at = asOf.value;
  if (at === null) return "";
  return ` as of ${isOffset(at) ? `offset ${count(Number(at))}` : at}`;
}

export type Params = Record<string, string | number | boolean | readonly string[] | null | undefined>;

/** Writes parameters; those that are null, undefined, false or "" are left out. */
export function search(params: Params): string {
  const text = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === null || value === undefined || value === false || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) text.append(name, String(one));
  }
  const query = text.toString();
  return query ? `?${query}` : "";
}

/** The address of a page. It keeps the time that the viewer looks at. */
export function href(path: string, params: Params = {}): string {
  return path + search({ ...params, as_of: "as_of" in params ? params.as_of : asOf.value });
}

/** The address of this page with some parameters changed. Of one that is there several times, only the last value is kept. */
export function here(changes: Params): string {
  return href(place.value.path, { ...Object.fromEntries(place.value.params), ...changes });
}

/** Goes to an address of this site. */
export function go(address: string, how: "push" | "replace" = "push"): void {
  history[how === "push" ? "pushState" : "replaceState"](null, "", address);
  const moved = place.value.path !== location.pathname;
  place.value = current();
  if (moved) {
    scrollTo(0, 0);
    // Not before a dialog that led here has closed: it gives the focus back to where it was.
    setTimeout(() => document.querySelector<HTMLElement>("main")?.focus({ preventScroll: true }));
  }
}

/** Changes some parameters of this page and keeps the others. */
export function change(params: Params, how: "push" | "replace" = "push"): void {
  const all = new URLSearchParams(place.value.params);
  for (const [name, value] of Object.entries(params)) {
    all.delete(name);
    if (value === null || value === undefined || value === false || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) all.append(name, String(one));
  }
  const query = all.toString();
  go(place.value.path + (query ? `?${query}` : ""), how);
}

/** The page that a path begins with, and what the rest of it names. A name that cannot be read is taken as it is written. */
export function partsOf(path: string): [page: string, name: string] {
  const [, page = "", ...rest] = path.split("/");
  try {
    return [page, rest.map(decodeURIComponent).join("/")];
  } catch {
    return [page, rest.join("/")];
  }
}

/** Follows the links of this site without loading it anew. */
export function startRouter(): void {
  addEventListener("popstate", () => (place.value = current()));
  addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest("a");
    const address = link?.getAttribute("href");
    if (!link || address == null || link.getAttribute("target") || link.hasAttribute("download")) return;
    // A link within an SVG has no parts of an address.
    const to = new URL(address, location.href);
    if (to.origin !== location.origin) return;
    if (/^\/(api|docs|openapi\.json|metrics|assets|health|ready)(\/|$)/.test(to.pathname)) return;
    // A place on this page, such as behind the bar.
    if (to.hash && to.pathname + to.search === location.pathname + location.search) return;
    event.preventDefault();
    if (to.href !== location.href) go(to.pathname + to.search);
  });
}
