// The one stream that tells when the ledger grows. While it lives, nothing polls.
import { signal } from "@preact/signals";
import { Problem, ask } from "./api.ts";

/** `refused` is who may not listen: nothing is tried any more. */
export type Link = "connecting" | "live" | "away" | "refused";

/** Where the ledger ends, as far as it was told. */
export const head = signal<number | null>(null);
export const link = signal<Link>("connecting");

/** When the next try to connect is due, while the server is away. */
export const retryAt = signal<number | null>(null);

const CHANGES = "/api/v1/changes?interval_ms=500";
const SHORTEST = 500;
const LONGEST = 15_000;
let source: EventSource | null = null;
let pause = SHORTEST;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Listens, and goes on until `stopLive`. */
export function startLive(): void {
  clearTimeout(timer);
  source?.close();
  const stream = new EventSource(CHANGES);
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
  stream.addEventListener("error", async () => {
    // The browser would try again for some failures and not for others: one rule for all. It gives up what is answered otherwise.
    const answered = stream.readyState === EventSource.CLOSED;
    stream.close();
    const refused = answered && source === stream && (await isRefused());
    if (source !== stream) return;
    if (refused) link.value = "refused";
    else tryLater();
  });
}

function tryLater(): void {
  link.value = "away";
  retryAt.value = Date.now() + pause;
  timer = setTimeout(startLive, pause);
  pause = Math.min(2 * pause, LONGEST);
}

/** Asks whether the server refuses the stream: a browser does not tell with what it was answered. */
async function isRefused(): Promise<boolean> {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), LONGEST);
  try {
    await ask(CHANGES, { signal: stop.signal });
    return false;
  } catch (problem) {
    return problem instanceof Problem && (problem.status === 401 || problem.status === 403);
  } finally {
    clearTimeout(late);
    stop.abort();
  }
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
