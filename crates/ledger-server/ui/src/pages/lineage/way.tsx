// A shortest way from one artifact to another.
import { useId } from "preact/hooks";
import type { Answer } from "../../lib/api.ts";
import { count } from "../../lib/format.ts";
import { asOf, change, href } from "../../lib/router.ts";
import type { Held } from "../../lib/use.ts";
import { Copy } from "../../parts/copy.tsx";
import { Draft } from "../../parts/draft.tsx";
import { Shown } from "../../parts/said.tsx";
import { useUnknown } from "./read.ts";
import type { View } from "./view.ts";

type Way = Answer<"/api/v1/path">;

/** How many names are offered. */
const MOST = 500;

export function WayBar({ view, held, names }: { view: View; held: Held<Way | null>; names: () => string[] }) {
  const list = useId();
  if (view.from === null && view.to === null) return null;
  return (
    <section class="lineage-way" aria-label="Path between two artifacts">
      <form class="row end" onSubmit={(event) => event.preventDefault()}>
        <Field label="Path from" name="from" value={view.from} list={list} />
        <Field label="to" name="to" value={view.to} list={list} />
        <button type="button" onClick={() => change({ from: view.to, to: view.from })}>
          Turn round
        </button>
        <button type="button" onClick={() => change({ from: null, to: null })}>
          Close
        </button>
        <datalist id={list}>
          {names().slice(0, MOST).map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </form>
      {view.from && view.to ? (
        <Shown held={held}>{(way) => way && <Found way={way} view={view} from={view.from!} to={view.to!} />}</Shown>
      ) : (
        <p class="quiet">
          Choose the other end: select it and press “Path from here” or “Path to here”, or write its name.
        </p>
      )}
    </section>
  );
}

/** Puts the viewer into the field of an end, once it is there. */
export function writeEnd(name: "from" | "to"): void {
  setTimeout(() => {
    const field = document.querySelector<HTMLInputElement>(`.lineage-end-${name} input`);
    field?.focus();
    field?.select();
  });
}

function Field({ label, name, value, list }: { label: string; name: "from" | "to"; value: string | null; list: string }) {
  return (
    <label class={`search lineage-end-${name}`}>
      {label}
      <Draft value={value ?? ""} list={list} commit={(text) => change({ [name]: text })} />
    </label>
  );
}

function None({ way, view, from, to }: { way: Way; view: View; from: string; to: string }) {
  const unknown = useUnknown(view, [...new Set([from, to])]);
  if (unknown.data === null && !unknown.problem) return <p class="quiet loading">reading…</p>;
  if (unknown.data?.length) {
    return (
      <p role="status" class="warn">
        {unknown.data.map((name) => (
          <span key={name}>
            <b>{name}</b> is not known: nothing {asOf.value === null ? "" : "up to then "}names it.{" "}
          </span>
        ))}
      </p>
    );
  }
  const { untold } = way;
  return (
    <p role="status">
      Nothing leads from <b>{from}</b> to <b>{to}</b>.{" "}
      {untold.length > 0 && `${operations(untold.length)} on the way did not say of which columns they made which.`}
    </p>
  );
}

function Found({ way, view, from, to }: { way: Way; view: View; from: string; to: string }) {
  const { edges } = way;
  if (!edges) return <None way={way} view={view} from={from} to={to} />;
  if (edges.length === 0) return <p role="status">Both ends are the same.</p>;
  const text = [from, ...edges.map((edge) => `→ ${edge.operation} (${edge.offset}) → ${edge.to}`)].join("\n");
  return (
    <>
      <p class="row" role="status">
        {operations(edges.length)} from the one to the other. <Copy text={text} />
      </p>
      <ol class="lineage-steps">
        <li>
          <Artifact name={from} />
        </li>
        {edges.map((edge, at) => (
          <li key={at}>
            → <a href={href(`/events/${edge.offset}`)}>{edge.operation}</a> → <Artifact name={edge.to} />
          </li>
        ))}
      </ol>
    </>
  );
}

function Artifact({ name }: { name: string }) {
  return (
    <button type="button" class="plain lineage-name" onClick={() => change({ sel: name }, "replace")}>
      {name}
    </button>
  );
}

function operations(of: number): string {
  return of === 1 ? "1 operation" : `${count(of)} operations`;
}
