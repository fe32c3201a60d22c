// How far the replicas are that the server was told of.
import { useEffect, useRef } from "preact/hooks";
import type { Answer } from "../../lib/api.ts";
import { duration } from "../../lib/format.ts";
import { type Held, useGet } from "../../lib/use.ts";

export type Replica = Answer<"/api/v1/replicas">["replicas"][number];

/** From how many seconds on a replica is called behind: less is on its way. */
const LATE = 60;
/** How often one that is not where the ledger is may be asked again. */
const EVERY = 5_000;

/** Reads how far they are. One that lacks something or does not answer is asked again though nothing is appended here. */
export function useReplicas(): Held<readonly Replica[]> {
  const none = useRef(false);
  const held = useGet("/api/v1/replicas", {}, {}, { live: none.current ? 0 : EVERY, asOf: false });
  const replicas = held.data?.replicas ?? null;
  none.current = replicas?.length === 0;
  useEffect(() => {
    if (!replicas?.some(({ behind }) => behind !== 0)) return;
    const timer = setTimeout(held.reload, EVERY);
    return () => clearTimeout(timer);
  }, [replicas]);
  return { ...held, data: replicas };
}

/** Says how a replica is: well, behind, or not to be reached. */
export function stateOf({ problem, behind, lag_seconds }: Replica): "good" | "warn" | "bad" {
  if (problem !== null || behind === null) return "bad";
  return (lag_seconds ?? (behind > 0 ? LATE : 0)) >= LATE ? "warn" : "good";
}

/** Says in a word or two how far a replica is. */
export function lagOf({ problem, behind, lag_seconds }: Replica): string {
  if (problem !== null || behind === null) return "✕ away";
  if (behind === 0) return "✓ has all";
  return lag_seconds === null ? "behind" : `${duration(lag_seconds * 1_000)} behind`;
}

/** Returns the one that is worst off. */
export function worst(replicas: readonly Replica[]): Replica | null {
  const order = { good: 0, warn: 1, bad: 2 };
  const rank = (one: Replica) => order[stateOf(one)] * 1e12 + (one.lag_seconds ?? 0);
  return replicas.reduce<Replica | null>((bad, one) => (bad && rank(bad) >= rank(one) ? bad : one), null);
}
