// What led to an event, and what it led to, by the parents that events name.
import { count } from "../../lib/format.ts";
import { head } from "../../lib/live.ts";
import type { Answer } from "../../lib/api.ts";
import { asOf, href } from "../../lib/router.ts";
import { useGet } from "../../lib/use.ts";
import { Shown } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { runPath } from "../runs/said.tsx";
import { type Branch, causeTree, effectTree } from "./tree.ts";

const MOST = 200;
/** So far behind the head, looking for effects again is left to the viewer: it takes the server some work. */
const NEAR = 10_000;

type Found = Answer<"/api/v1/events/{which}/chain">;

export function Chain({ offset }: { offset: number }) {
  const near = (head.value ?? Infinity) - offset < NEAR;
  const held = useGet("/api/v1/events/{which}/chain", { most: MOST }, { which: offset }, { live: near ? 3_000 : 0 });
  return (
    <section class="chain">
      <h2>Causes and effects</h2>
      <Shown held={held}>{(found) => <Both found={found} again={near ? null : held.reload} />}</Shown>
    </section>
  );
}

function Both({ found, again }: { found: Found; again: (() => void) | null }) {
  const { event, causes, effects, missing, up_to, cut } = found;
  const behind = asOf.value === null && again !== null && (head.value ?? 0) > up_to;
  return (
    <>
      <h3>What led to it</h3>
      {causes.length === 0 && missing.length === 0 && <p class="quiet">It names no event as its cause.</p>}
      <Tree label="Causes" branches={causeTree(event, causes)} run={event.run_id} />
      {missing.length > 0 && (
        <p>
          Not in this ledger, pruned or never recorded here:{" "}
          {missing.map((id) => (
            <code key={id} class="chip">
              {id}
            </code>
          ))}
        </p>
      )}
      <h3>What it led to</h3>
      {effects.length === 0 && <p class="quiet">No event up to offset {count(up_to)} names it as its cause.</p>}
      <Tree label="Effects" branches={effectTree(event, effects)} run={event.run_id} />
      <p class="quiet">
        {cut && `This is not all: ${MOST} events are shown at most. `}
        {effects.length > 0 && `Looked at up to offset ${count(up_to)}. `}
        {behind && (
          <button type="button" onClick={again}>
            Look again
          </button>
        )}
      </p>
    </>
  );
}

function Tree({ label, branches, run }: { label: string; branches: Branch[]; run: string }) {
  if (branches.length === 0) return null;
  return (
    <ul class="chain-tree" aria-label={label}>
      {branches.map(({ event, distance, also }) => (
        <li key={event.offset} style={{ paddingLeft: `${Math.min(distance - 1, 10) * 0.9}rem` }}>
          <span class="quiet" title={`${distance} ${distance === 1 ? "step" : "steps"} away`}>
            {distance}
            <span class="unseen"> {distance === 1 ? "step" : "steps"} away:</span>
          </span>{" "}
          <a data-row href={href(`/events/${event.offset}`)}>
            {event.offset} {event.kind}
          </a>{" "}
          <span class="quiet">
            {event.actor}, <Time at={event.created_at} />
            {event.run_id !== run && (
              <>
                , run <a href={href(runPath(event.run_id))}>{event.run_id}</a>
              </>
            )}
            {also.length > 0 && `, and by way of ${also.join(", ")}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
