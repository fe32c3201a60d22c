// Words about runs that several pages say.
import { href } from "../../lib/router.ts";
import type { Schemas } from "../../lib/api.ts";
import { outcomeClasses, outcomeOf, outcomeSigns } from "./outcome.ts";

export type Run = Schemas["Run"];

export function runPath(run: string): string {
  return `/runs/${encodeURIComponent(run)}`;
}

/** How a run ended, as a sign and a word, and why. */
export function RunState({ run }: { run: Run }) {
  const outcome = outcomeOf(run);
  return (
    <>
      <span class={`state ${outcomeClasses[outcome]}`}>
        <span aria-hidden="true">{outcomeSigns[outcome]}</span> {outcome}
      </span>{" "}
      {run.reason && (
        <span class="quiet run-reason" title={run.reason}>
          {run.reason}
        </span>
      )}
    </>
  );
}

/** Who acted in a run: each leads to what they did there. */
export function Actors({ run, most }: { run: Run; most: number }) {
  const rest = run.actors.length - most;
  return (
    <span class="run-actors">
      {run.actors.slice(0, most).map((actor) => (
        <a key={actor} class="tag" href={href("/events", { run: run.run_id, actor })} title={actor}>
          {actor}
        </a>
      ))}
      {rest > 0 && (
        <a class="tag" href={href(runPath(run.run_id))}>
          {rest} more
        </a>
      )}
    </span>
  );
}
