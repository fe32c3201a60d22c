// The filters of the page. Each is in the address.
import { useState } from "preact/hooks";
import { timeOf } from "../../lib/filter.ts";
import { change } from "../../lib/router.ts";
import { Draft } from "../../parts/draft.tsx";
import { NONE, PERIODS, filter, filtered, forField, period } from "./asked.ts";

const STATUSES = [
  ["", "any"],
  ["success", "success"],
  ["error", "error"],
  ["timeout", "timed out"],
] as const;

export function Filters(props: { commands: readonly string[]; projects: readonly string[] }) {
  return (
    <search class="op-filters" aria-label="Filter operations">
      <Span />
      <div class="op-fields">
        <Words name="table" label="table" hint="bucket/table" search />
        <Words name="command" label="command" offers={props.commands} />
        <Words name="project" label="project" offers={props.projects} />
        <label>
          status
          <select value={filter("status")} onChange={(event) => change({ status: event.currentTarget.value, code: null })}>
            {STATUSES.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <Words name="min_duration_ms" label="took at least, in ms" number />
        <Words name="job" label="job" />
        <Words name="request" label="request" />
        {filtered() > 0 && (
          <button type="button" onClick={() => change(NONE)}>
            Clear filters
          </button>
        )}
      </div>
    </search>
  );
}

/** A field of one filter: what is written counts once the field is left, or Enter is pressed. */
function Words(props: {
  name: "table" | "command" | "project" | "min_duration_ms" | "job" | "request";
  label: string;
  hint?: string;
  offers?: readonly string[];
  number?: boolean;
  search?: boolean;
}) {
  const list = props.offers && `op-offers-${props.name}`;
  return (
    <label>
      {props.label}
      <Draft
        type={props.number ? "number" : "text"}
        min={props.number ? 0 : undefined}
        step={props.number ? 1 : undefined}
        value={filter(props.name)}
        placeholder={props.hint}
        list={list}
        data-search={props.search}
        commit={(text) => change({ [props.name]: text })}
      />
      {list && (
        <datalist id={list}>
          {props.offers?.map((offer) => (
            <option key={offer} value={offer} />
          ))}
        </datalist>
      )}
    </label>
  );
}

/** When: one of some periods, or from when to when. */
function Span() {
  const chosen = period();
  const [open, setOpen] = useState(false);
  const told = chosen === null;
  return (
    <div class="row op-span" role="group" aria-label="Period">
      <span class="quiet">ended in the last</span>
      {PERIODS.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={one === chosen}
          onClick={() => {
            setOpen(false);
            change({ period: one, from: null, to: null });
          }}
        >
          {one}
        </button>
      ))}
      {chosen !== null && !PERIODS.some((one) => one === chosen) && (
        <button type="button" aria-pressed="true">
          {chosen}
        </button>
      )}
      <button type="button" aria-pressed={told} aria-expanded={open || told} onClick={() => setOpen(!open)}>
        from … to
      </button>
      {(open || told) && (
        <>
          <End name="from" />
          <End name="to" />
        </>
      )}
    </div>
  );
}

function End({ name }: { name: "from" | "to" }) {
  return (
    <label class="inline">
      {name}
      <Draft
        type="datetime-local"
        step={1}
        value={forField(filter(name))}
        commit={(text) => {
          const time = text && timeOf(text, Date.now());
          if (time !== null) change({ [name]: time, period: null });
        }}
      />
    </label>
  );
}
