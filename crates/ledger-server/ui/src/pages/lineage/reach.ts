// How many of the artifacts are asked for.

/** How many at first, and how many more each time. */
export const FIRST = 200;
/** The most that the server answers at once: who looks further writes more of the name. */
export const MOST = 1_000;

/** How many are asked for next; nothing while those that were asked for are not there yet, or when that is all. */
export function reachOf(limit: number, shown: number, total: number): number | null {
  return shown === limit && shown < total && limit < MOST ? Math.min(MOST, limit + FIRST) : null;
}

/** For each answer the server goes through all events of artifacts, and all of the answer is new: that is seldom worth it. */
const PAUSE = 5_000;
const PAUSE_OF_ONE = 10;

/** How many milliseconds are between two readings of so many while the ledger grows. */
export function paceOf(limit: number): number {
  return Math.max(PAUSE, limit * PAUSE_OF_ONE);
}
