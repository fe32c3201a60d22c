// What the operations of a run read and wrote.
import { useState } from "preact/hooks";
import { count } from "../../lib/format.ts";
import { href } from "../../lib/router.ts";
import type { Use } from "./operations.ts";

const FIRST = 30;

export function ArtifactsOf({ uses }: { uses: readonly Use[] }) {
  return (
    <div class="columns run-uses">
      <Listed title="Read" uses={uses.filter((use) => use.read > 0)} times={(use) => use.read} />
      <Listed title="Written" uses={uses.filter((use) => use.written > 0)} times={(use) => use.written} />
    </div>
  );
}

function Listed({ title, uses, times }: { title: string; uses: readonly Use[]; times: (use: Use) => number }) {
  const [all, setAll] = useState(false);
  return (
    <section aria-label={`Artifacts: ${title.toLowerCase()}`}>
      <h3>
        {title} <span class="quiet">{count(uses.length)}</span>
      </h3>
      {uses.length === 0 && <p class="quiet">none</p>}
      <ul class="run-artifacts">
        {(all ? uses : uses.slice(0, FIRST)).map((use) => (
          <li key={use.artifact}>
            <a href={href("/lineage", { of: use.artifact })}>{use.artifact}</a>
            {times(use) > 1 && <span class="quiet"> {count(times(use))} times</span>}
            {title === "Written" && <Missing use={use} />}
          </li>
        ))}
      </ul>
      {uses.length > FIRST && !all && (
        <button type="button" onClick={() => setAll(true)}>
          Show all {count(uses.length)}
        </button>
      )}
    </section>
  );
}

/** What no operation has written yet, or none that ended well. */
function Missing({ use }: { use: Use }) {
  if (use.failed === use.written) return <span class="bad"> ✕ not written: no operation ended well</span>;
  return use.failed + use.open === use.written ? <span class="quiet"> ▷ being written</span> : null;
}
