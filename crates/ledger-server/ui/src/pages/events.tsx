// The log itself: what happened, the newest first, as it happens.
import "./events.css";
import { useSignal } from "@preact/signals";
import { useState } from "preact/hooks";
import { asOf, change, place } from "../lib/router.ts";
import { exportCommand, need } from "../lib/shell.ts";
import { Copy } from "../parts/copy.tsx";
import { Filters, asked } from "../parts/filters.tsx";
import { useNarrow } from "../parts/table.tsx";
import { offsetOf } from "../shell/as-of.tsx";
import { Facets, type Known } from "./events/facets.tsx";
import { rangeOf } from "./events/feed.ts";
import { EventList, useFeed } from "./events/list.tsx";
import { Save } from "./events/save.tsx";

export function EventsPage(_: { name: string }) {
  const { params } = place.value;
  const filters = asked();
  const order = params.get("order") === "asc" ? "asc" : "desc";
  const at = /^\d{1,15}$/.test(params.get("at") ?? "") ? Number(params.get("at")) : null;
  const feed = useFeed({ filters, order, at, asOf: asOf.value });
  const [paused, setPaused] = useState(false);
  const known = useSignal<Known>({});
  const narrow = useNarrow();
  const counts = (params.get("counts") ?? (narrow ? "off" : "on")) === "on";
  return (
    <div class="events">
      <div class="row spread">
        <h1>Events</h1>
        <div class="row">
          {feed.isNewest && (
            <button type="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
              {paused ? "Go on" : "Pause"}
            </button>
          )}
          <button type="button" onClick={() => change({ order: order === "asc" ? null : "asc" })}>
            {order === "asc" ? "Oldest first ↑" : "Newest first ↓"}
          </button>
          <Jump />
          <Save filters={filters} />
          <Copy text={exportCommand(filters, rangeOf({ at, order, asOf: asOf.value }))} label="copy as CLI" title={need()} />
          <button type="button" aria-pressed={counts} onClick={() => change({ counts: counts ? "off" : "on" })}>
            Counts
          </button>
        </div>
      </div>
      <Filters known={known.value} reset={{ at: null }} />
      <div class={counts ? "events-both" : ""}>
        <EventList feed={feed} paused={paused} />
        {counts && <Facets filters={filters} paused={paused} known={known} />}
      </div>
    </div>
  );
}

/** Goes to a place in the log. */
function Jump() {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const go = async () => {
    try {
      change({ at: await offsetOf(text) });
      setWrong(null);
    } catch (error) {
      setWrong((error as Error).message);
    }
  };
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) void go();
      }}
    >
      <input
        class="jump"
        value={text}
        aria-label="Go to an offset, a time, or so long ago"
        placeholder="offset, time or 2h"
        aria-invalid={wrong !== null}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit">Go</button>
      {wrong && (
        <span role="alert" class="bad">
          {wrong}
        </span>
      )}
    </form>
  );
}
