// A shortest way from one artifact to another.
import { useId } from "preact/hooks";
import type { Answer } from "../../lib/api.ts";
import { count } from "../../lib/format.ts";
import { change, href } from "../../lib/router.ts";
import type { Held } from "../../lib/use.ts";
import { Copy } from "../../parts/copy.tsx";
import { Draft } from "../../parts/draft.tsx";
import { Shown } from "../../parts/said.tsx";
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
        <Shown held={held}>{(way) => way && <Found way={way} from={view.from!} to={view.to!} />}</Shown>
      ) : (
        <p class="quiet">
          Choose the other end: select it and press “Path from here” or “Path to here”, or write its name.
        </p>
      )}
    </section>
  );
}

function Field({ label, name, value, list }: { label: string; name: string; value: string | null; list: string }) {
  return (
    <label class="search">
      {label}
      <Draft value={value ?? ""} list={list} commit={(text) => change({ [name]: text })} />
    </label>
  );
}

function Found({ way, from, to }: { way: Way; from: string; to: string }) {
  const { edges, untold } = way;
  if (!edges) {
    return (
      <p role="status">
        Nothing leads from <b>{from}</b> to <b>{to}</b>.{" "}
        {untold.length > 0 && `${operations(untold.length)} on the way did not say of which columns they made which.`}
      </p>
    );
  }
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
