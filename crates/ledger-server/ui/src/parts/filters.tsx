// Which events: chips for what is asked for, and a field to ask for more. All of it stands in the address, by the API's names.
import "./filters.css";
import { useId, useState } from "preact/hooks";
import { type Params, change, place } from "../lib/router.ts";
import { type FilterName, filterNames, isMany, labels, readFilter } from "../lib/filter.ts";
import { Time } from "./time.tsx";

/** What the viewer asks for now. */
export type Asked = Record<FilterName, string[]>;

/** The filters of the address, each with its values: one at most, but for kinds and tags. */
export function asked(params: URLSearchParams = place.value.params): Asked {
  const all = filterNames.map((name) => [name, isMany(name) ? params.getAll(name) : params.getAll(name).slice(0, 1)]);
  return Object.fromEntries(all) as Asked;
}

/** The parameters after a filter was added. */
export function added(name: FilterName, value: string): Params {
  const before = asked()[name];
  return { [name]: isMany(name) ? [...new Set([...before, value])] : value };
}

/** The parameters after a filter was taken away. */
export function removed(name: FilterName, value: string): Params {
  return { [name]: asked()[name].filter((one) => one !== value) };
}

interface Props {
  /** The filters that this page knows; all unless it is given. */
  names?: readonly FilterName[];
  /** What may be asked for, as far as it is known. */
  known?: Partial<Record<FilterName, readonly string[]>>;
  /** The parameters that a change of filters takes away, such as where in the list one is. */
  reset?: Params;
}

/** A field that adds filters, and the filters that there are. */
export function Filters({ names = filterNames, known = {}, reset = {} }: Props) {
  const [name, setName] = useState<FilterName>(names[0]!);
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const list = useId();
  const { hint } = labels[name];
  const add = () => {
    const read = readFilter(name, text, names);
    if (typeof read === "string") return setWrong(read);
    change({ ...reset, ...added(read.name, read.value) });
    setText("");
    setWrong(null);
  };
  return (
    <>
      <form
        class="row end filters"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) add();
        }}
      >
        <label>
          Filter by
          <select value={name} onChange={(event) => setName(event.currentTarget.value as FilterName)}>
            {names.map((one) => (
              <option key={one} value={one}>
                {labels[one].title}
              </option>
            ))}
          </select>
        </label>
        <label class="filter-text">
          <span class="filter-hint">{hint}</span>
          <input
            data-search
            value={text}
            list={list}
            autocomplete="off"
            spellcheck={false}
            aria-invalid={wrong !== null}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setWrong(null);
            }}
          />
        </label>
        <datalist id={list}>
          {(known[name] ?? []).map((value) => (
            <option key={value} value={value} />
          ))}
        </datalist>
        <button type="submit">Add</button>
        {wrong && (
          <span role="alert" class="bad">
            {wrong}
          </span>
        )}
      </form>
      <Chips names={names} reset={reset} />
    </>
  );
}

/** The filters that there are; each goes with a click. */
export function Chips({ names = filterNames, reset = {} }: Props) {
  const now = asked();
  const all = names.flatMap((name) => now[name].map((value) => ({ name, value })));
  if (all.length === 0) return null;
  const none = Object.fromEntries(names.map((name) => [name, null]));
  return (
    <p class="row chips" role="group" aria-label="Filters">
      {all.map(({ name, value }) => (
        <button
          key={`${name} ${value}`}
          type="button"
          class="chip on"
          title={`Remove: ${labels[name].title} ${value}`}
          onClick={() => change({ ...reset, ...removed(name, value) })}
        >
          <span class="unseen">Remove the filter </span>
          {labels[name].title} <b>{labels[name].time ? <Time at={value} /> : value}</b> <span aria-hidden="true">✕</span>
        </button>
      ))}
      {all.length > 1 && (
        <button type="button" class="plain" onClick={() => change({ ...reset, ...none })}>
          Remove all
        </button>
      )}
    </p>
  );
}
