// Two events that answer to each other, or one that nothing answers to, and what differs in what they say.
import { duration } from "../../lib/format.ts";
import { type Piece, plain, sortOf, trusted, written } from "../../lib/json.ts";
import { here, href } from "../../lib/router.ts";
import { Time } from "../../parts/time.tsx";
import type { Row, Side } from "./comparison.ts";
import { type Difference, MOST } from "./diff.ts";
import { operationOf } from "./operations.ts";
import { operationWords } from "./outcome.ts";
import { plainLength } from "./ticks.ts";

export function Pair({ row }: { row: Row }) {
  return (
    <section class="run-pair" aria-labelledby="pair-title" aria-live="polite">
      <header class="row spread">
        <h2 id="pair-title">
          <span class="mono">{row.kind}</span> {row.name} <span class="compare-about">{row.about}</span>
        </h2>
        <a href={here({ pair: null })} aria-label="Close">
          ✕
        </a>
      </header>
      <div class="run-pair-sides">
        <Told name="A" side={row.a} />
        <Told name="B" side={row.b} />
      </div>
      {row.a && row.b ? <Fields fields={row.fields} /> : <Payload side={(row.a ?? row.b)!} />}
    </section>
  );
}

function Told({ name, side }: { name: string; side: Side | null }) {
  if (!side) {
    return (
      <p>
        <b>{name}</b> <span class="quiet">has no such event here</span>
      </p>
    );
  }
  const operation = operationOf(side.event);
  return (
    <p>
      <b>{name}</b> <a href={href(`/events/${side.event.offset}`)}>event {side.event.offset}</a>, turn {side.event.turn},{" "}
      {side.event.actor}
      <br />
      <Time at={side.event.created_at} />, {plainLength(side.since)} since its start
      {operation && operation.outcome !== "open" && (
        <>
          <br />
          {operationWords[operation.outcome]} in {duration(side.duration ?? 0)}
          {operation.error && <span class="bad">: {operation.error}</span>}
        </>
      )}
    </p>
  );
}

function Fields({ fields }: { fields: readonly Difference[] }) {
  if (fields.length === 0) return <p class="quiet">What they say is the same, but for names and times of their own.</p>;
  return (
    <div class="scroll">
      <table class="run-pair-fields">
        <caption>
          What differs{fields.length >= MOST ? `: the first ${MOST}` : ""}. Ids and times of an operation, and the runs' own
          names, are left out.
        </caption>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">A</th>
            <th scope="col">B</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field.path}>
              <th scope="row" class="mono">
                {field.path || "all of it"}
              </th>
              <Value value={field.a} />
              <Value value={field.b} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const LONG = 300;

function Value({ value }: { value: Piece | undefined }) {
  if (value === undefined) return <td class="quiet">not there</td>;
  const text = (sortOf(value) === "string" && String(plain(value))) || written(value);
  return (
    <td>
      <code>{text.length > LONG ? `${text.slice(0, LONG)}…` : text}</code>
    </td>
  );
}

function Payload({ side }: { side: Side }) {
  const text = written(trusted(side.payload), 2);
  return <pre tabIndex={0}>{text.length > 20 * LONG ? `${text.slice(0, 20 * LONG)}…` : text}</pre>;
}
