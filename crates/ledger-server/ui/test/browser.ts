// So much of a browser as the logic of the page asks for. Import it before the modules that are tested.

type Listener = (event: never) => void;
const listeners = new Map<string, Listener[]>();

/** The address bar, and what was done to it. */
export const bar = { address: "/", moves: [] as [how: "push" | "replace", address: string][] };

/** The elements that `document.querySelectorAll` and `querySelector` find, by their selectors. */
export const found: Record<string, unknown[]> = {};

const host = "http://ledger.test";
const url = () => new URL(bar.address, host);

function move(how: "push" | "replace", address: string): void {
  bar.address = address;
  bar.moves.push([how, address]);
}

const browser: Record<string, unknown> = {
  location: {
    get origin() { return host; },
    get href() { return url().href; },
    get pathname() { return url().pathname; },
    get search() { return url().search; },
  },
  history: {
    pushState: (_state: unknown, _title: string, address: string) => move("push", address),
    replaceState: (_state: unknown, _title: string, address: string) => move("replace", address),
  },
  document: {
    activeElement: null,
    documentElement: { dataset: {} },
    querySelector: (selector: string) => found[selector]?.[0] ?? null,
    querySelectorAll: (selector: string) => found[selector] ?? [],
  },
  addEventListener: (name: string, listener: Listener) => listeners.set(name, [...(listeners.get(name) ?? []), listener]),
  scrollTo: () => undefined,
  matchMedia: () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }),
  localStorage: memory(),
};
for (const [name, value] of Object.entries(browser)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

function memory() {
  const kept = new Map<string, string>();
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
}

/** Tells the window of an event, and answers whether it was prevented. */
export function fire(name: string, event: object): boolean {
  let prevented = false;
  const whole = { preventDefault: () => (prevented = true), defaultPrevented: false, ...event };
  for (const listener of listeners.get(name) ?? []) listener(whole as never);
  return prevented;
}

/** Takes an address as if the viewer had opened it. */
export function visit(address: string): void {
  bar.address = address;
  fire("popstate", {});
  bar.moves.length = 0;
}
