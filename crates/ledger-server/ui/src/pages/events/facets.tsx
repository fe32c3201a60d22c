// How many events there are of each kind, actor, run, session and tag; a click asks for these alone.
import type { Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Answer } from "../../lib/api.ts";
import type { FilterName } from "../../lib/filter.ts";
import { brief, count, percent } from "../../lib/format.ts";
import { type Params, asOf, href } from "../../lib/router.ts";
import { useGet } from "../../lib/use.ts";
import { type Asked, added, asked, removed } from "../../parts/filters.tsx";
import { Shown } from "../../parts/said.tsx";
import { kept } from "./list.tsx";

type Counted = Answer<"/api/v1/events/facets">;
type Count = Counted["kinds"][number];
export type Known = Partial<Record<FilterName, readonly string[]>>;

const SHORT = 8;

/** Of how many words of a sort the server tells, at most. */
const TOLD = 50;

/** Counting takes the server some work, so it is done more seldom than reading. */
const EVERY = 10_000;

export function Facets(props: { filters: Params; paused: boolean; known: Signal<Known> }) {
  const { filters, paused, known } = props;
  const params = { ...filters, up_to: asOf.value };
  const held = useGet("/api/v1/events/facets", params, {}, { asOf: false, live: paused ? 0 : EVERY });
  const { data } = held;
  useEffect(() => {
    if (data) known.value = knownOf(data);
  }, [data]);
  return (
    <aside class="facets" aria-label="Counts">
      <Shown held={held}>
        {(counted) => (
          <>
            <p class="quiet">
              {counted.whole ? `of ${count(counted.counted)} events` : `of the newest ${count(counted.counted)} that fit`}
            </p>
            <Facet title="Kinds" name="kind" counts={counted.kinds} of={counted.counted} />
            <Facet title="Actors" name="actor" counts={counted.actors} of={counted.counted} />
            <Facet title="Runs" name="run" counts={counted.runs} of={counted.counted} />
            <Facet title="Sessions" name="session" counts={counted.sessions} of={counted.counted} />
            <Facet title="Tags" name="tag" counts={counted.tags} of={counted.counted} />
          </>
        )}
      </Shown>
    </aside>
  );
}

function knownOf(counted: Counted): Known {
  const values = (counts: readonly Count[]) => counts.map((one) => one.value);
  const kinds = values(counted.kinds);
  const tags = values(counted.tags);
  const starts = kinds.flatMap(startsOf);
  return {
    kind: [...new Set([...starts, ...kinds])],
    actor: values(counted.actors),
    run: values(counted.runs),
    session: values(counted.sessions),
    tag: tags,
    any_tag: tags,
    since: ["15m", "1h", "6h", "24h", "7d"],
    until: ["15m", "1h", "6h", "24h", "7d"],
  };
}

/** How a kind begins: `a.*` and `a.b.*` of `a.b.c`. */
export function startsOf(kind: string): string[] {
  return kind.split(".").slice(0, -1).map((_, at, words) => `${words.slice(0, at + 1).join(".")}.*`);
}

function Facet(props: { title: string; name: FilterName; counts: readonly Count[]; of: number }) {
  const { title, name, counts, of } = props;
  if (counts.length === 0) return null;
  const line = (one: Count) => <Value key={one.value} name={name} one={one} of={of} />;
  const rest = counts.slice(SHORT);
  return (
    <section>
      <h2>{title}</h2>
      <ul>{counts.slice(0, SHORT).map(line)}</ul>
      {rest.length > 0 && (
        <details>
          <summary class="quiet">
            {count(rest.length)} more{counts.length >= TOLD && ", and maybe others"}
          </summary>
          <ul>{rest.map(line)}</ul>
        </details>
      )}
    </section>
  );
}

function Value({ name, one, of }: { name: FilterName; one: Count; of: number }) {
  const now: Asked = asked();
  const on = now[name].includes(one.value);
  // Of kinds, the one that is clicked takes the place of those that it was among.
  const change = on ? removed(name, one.value) : name === "kind" ? { kind: one.value } : added(name, one.value);
  const part = of > 0 ? one.count / of : 0;
  return (
    <li>
      <a
        href={href("/events", { ...now, ...kept(), ...change })}
        class={on ? "on" : ""}
        title={`${one.value}: ${count(one.count)}, ${percent(part)}`}
      >
        <span class="facet-bar" style={{ width: `${(part * 100).toFixed(1)}%` }} />
        <span class="facet-name">
          {on && <span class="unseen">Without </span>}
          {on && <span aria-hidden="true">✕ </span>}
          {one.value}
        </span>
        <span class="number">{brief(one.count)}</span>
      </a>
    </li>
  );
}
