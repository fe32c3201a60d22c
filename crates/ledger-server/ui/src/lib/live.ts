// The one stream that tells when the ledger grows. While it lives, nothing polls.
import { signal } from "@preact/signals";

export type Link = "connecting" | "live" | "away";

/** Where the ledger ends, as far as it was told. */
export const head = signal<number | null>(null);
export const link = signal<Link>("connecting");

/** When the next try to connect is due, while the server is away. */
export const retryAt = signal<number | null>(null);

const SHORTEST = 500;
const LONGEST = 15_000;
let source: EventSource | null = null;
let pause = SHORTEST;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Listens, and goes on until `stopLive`. */
export function startLive(): void {
  clearTimeout(timer);
  source?.close();
  const stream = new EventSource("/api/v1/changes?interval_ms=500");
  source = stream;
  retryAt.value = null;
  if (link.value === "live") link.value = "connecting";
  stream.addEventListener("open", () => {
    pause = SHORTEST;
    link.value = "live";
  });
  stream.addEventListener("change", (event) => {
    link.value = "live";
    head.value = JSON.parse((event as MessageEvent<string>).data).head;
  });
  stream.addEventListener("error", () => {
    // The browser would try again for some failures and not for others: one rule for all.
    stream.close();
    if (source !== stream) return;
    link.value = "away";
    retryAt.value = Date.now() + pause;
    timer = setTimeout(startLive, pause);
    pause = Math.min(2 * pause, LONGEST);
  });
}

/**
 * Listens as long as the page is seen, and answers what ends that. A browser has six connections to a server for all of its tabs:
 * those that nobody sees leave theirs to the others.
 */
export function liveWhileSeen(): () => void {
  const look = () => (document.hidden ? rest() : startLive());
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    document.removeEventListener("visibilitychange", look);
    stopLive();
  };
}

function rest(): void {
  clearTimeout(timer);
  source?.close();
  source = null;
}

export function stopLive(): void {
  rest();
  head.value = null;
  link.value = "connecting";
  retryAt.value = null;
}
