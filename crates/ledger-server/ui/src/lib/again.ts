// What failed because the server, or the way to it, was away is asked again, without the viewer.
import type { Problem } from "./api.ts";

/** After how many milliseconds it is asked again when it fails while the server is there. Then it is left to the viewer. */
const PAUSES = [500, 1_500];

/** Says whether a problem is none of what was asked, but of the server or the way to it. */
function isAway(problem: Problem | null): boolean {
  return problem !== null && (problem.status === 0 || [502, 503, 504].includes(problem.status));
}

/** Knows when to ask one thing again: at once when the server is back, and a few times when it is there and that fails. */
export class Again {
  private live = false;
  private tries = 0;

  /**
   * Is to be called when the server comes or goes, and when the problem changes, which has to stay until something is answered.
   * Returns what calls off that it is asked later.
   */
  look(live: boolean, problem: Problem | null, again: () => void): (() => void) | undefined {
    const back = live && !this.live;
    this.live = live;
    if (back || problem === null) this.tries = 0;
    if (!live || !isAway(problem)) return undefined;
    if (back) {
      again();
      return undefined;
    }
    const pause = PAUSES[this.tries];
    if (pause === undefined) return undefined;
    const timer = setTimeout(() => {
      this.tries += 1;
      again();
    }, pause);
    return () => clearTimeout(timer);
  }
}
