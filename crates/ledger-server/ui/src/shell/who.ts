// Who the viewer is, and that it is asked until it is known.
import { useEffect, useState } from "preact/hooks";
import { type Problem, signedIn, whoAmI } from "../lib/api.ts";
import { link, retryAt } from "../lib/live.ts";
import { useAgain } from "../lib/use.ts";

/** Finds out who the viewer is, and anew when the stream ends. Returns why it is not known, if that was asked and failed. */
export function useWho(): { problem: Problem | null; again: () => void } {
  const [problem, setProblem] = useState<Problem | null>(null);
  const again = () => void whoAmI().then(() => setProblem(null), setProblem);
  useEffect(again, []);
  useAgain(problem, again);
  // A token that is revoked ends the stream, which does not say why.
  const ended = retryAt.value ?? (link.value === "refused");
  useEffect(() => {
    if (ended !== false) again();
  }, [ended]);
  return { problem: signedIn.value === null ? problem : null, again };
}
