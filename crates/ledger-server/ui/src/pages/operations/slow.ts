// From which duration on operations are looked through for the slowest ones.
import type { Stats } from "./heat.ts";

/** How many are shown. */
export const SHOWN = 20;
/** The most that are read at once. */
export const MOST = 1_000;

/**
 * The list has no order by duration: what took at least this long is read, and sorted here. It is the step of durations beyond
 * which there are just enough, or a percentile where that step has more than can be read.
 */
export function slowFrom(stats: Stats): number {
  const { histogram, total_operations: total } = stats;
  let beyond = 0;
  let step = histogram.length;
  while (step > 0 && beyond < SHOWN) beyond += histogram[--step]!.count;
  if (beyond <= MOST) return Math.floor(histogram[step]?.from_ms ?? 0);
  if (total * 0.05 <= MOST) return Math.floor(stats.p95_duration_ms);
  return Math.floor(total * 0.01 <= MOST ? stats.p99_duration_ms : stats.max_duration_ms);
}
