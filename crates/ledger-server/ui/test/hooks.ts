// What hooks are tried with: a page that is shown nowhere, and time that passes at once.
import { mock } from "node:test";

/** A place to render into what draws nothing itself. */
export function nowhere(): Element {
  return { nodeType: 1, childNodes: [], firstChild: null, namespaceURI: "", insertBefore: () => undefined } as unknown as Element;
}

/** Lets some time of mocked timers pass, and all be done that is due by then. */
export async function pass(ms: number): Promise<void> {
  for (let gone = 0; gone <= ms; gone += 50) {
    mock.timers.tick(50);
    await new Promise((done) => setImmediate(done));
  }
}
