// How far the replicas are that the server was told of.
import { useEffect, useRef } from "preact/hooks";
import type { Answer } from "../../lib/api.ts";
import { duration } from "../../lib/format.ts";
import { asOf } from "../../lib/router.ts";
import { type Held, useGet } from "../../lib/use.ts";

export type Replica = Answer<"/api/v1/replicas">["replicas"][number];

/** From how many seconds on a replica is called behind: less is on its way. */
const LATE = 60;
/** How often one that is behind may be asked again, … */
const EVERY = 5_000;
/** … and how often when nothing is known of it. */
const SELDOM = 30_000;

/** Reads how far they are. While somebody looks, what is not where the ledger is is asked again though that does not grow. */
export function useReplicas(): Held<readonly Replica[]> {
  const none = useRef(false);
  const held = useGet("/api/v1/replicas", {}, {}, { live: none.current ? 0 : EVERY, asOf: false });
  const replicas = held.data?.replicas ?? null;
  none.current = replicas?.length === 0;
  useEffect(() => {
    if (!replicas?.some(({ behind }) => behind !== 0) || held.loading || asOf.value !== null) return;
    const again = () => document.hidden || held.reload();
    const timer = setTimeout(again, replicas.some(({ behind }) => behind) ? EVERY : SELDOM);
    document.addEventListener("visibilitychange", again);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, [replicas, held.loading, asOf.value]);
  return { ...held, data: replicas };
}

/** Says how a replica is: well, behind, or not to be reached. */
export function stateOf({ behind, lag_seconds }: Replica): "good" | "warn" | "bad" {
  if (behind === null) return "bad";
  return (lag_seconds ?? (behind > 0 ? LATE : 0)) >= LATE ? "warn" : "good";
}

/** Says in a word or two how far a replica is. */
export function lagOf({ behind, lag_seconds }: Replica): string {
  if (behind === null) return "✕ not known";
  if (behind === 0) return "✓ has all";
  return lag_seconds === null ? "behind" : `${duration(lag_seconds * 1_000)} behind`;
}

/** Returns the one that is worst off. */
export function worst(replicas: readonly Replica[]): Replica | null {
  const order = { good: 0, warn: 1, bad: 2 };
  const rank = (one: Replica) => order[stateOf(one)] * 1e12 + (one.lag_seconds ?? 0);
  return replicas.reduce<Replica | null>((bad, one) => (bad && rank(bad) >= rank(one) ? bad : one), null);
}
