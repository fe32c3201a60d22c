// What happened in the same run just before and just after an event.
import { useEffect, useState } from "preact/hooks";
import { asOf, href } from "../../lib/router.ts";
import { useRead, useTick } from "../../lib/use.ts";
import { Shown } from "../../parts/said.tsx";
import { type Column, Table, useNarrow } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { runPath } from "../runs/said.tsx";
import { type Event, failed, readPage } from "./read.ts";

const EACH = 6;

const columns = (narrow: boolean): Column<Event>[] => [
  { key: "offset", title: "Offset", number: true, cell: (event) => event.offset },
  { key: "turn", title: "Step", number: true, wide: true, cell: (event) => event.turn },
  {
    key: "kind",
    title: "Kind",
    cell: (event) => (
      <>
        {failed(event) && <span class="bad">✗ </span>}
        {event.kind}
      </>
    ),
  },
  { key: "actor", title: "Actor", wide: true, cell: (event) => event.actor },
  { key: "at", title: "When", cell: (event) => <Time at={event.created_at} relative={narrow} /> },
];

async function around(event: Event, signal: AbortSignal): Promise<{ events: Event[]; full: boolean }> {
  const run = event.run_id;
  const [before, after] = await Promise.all([
    event.offset > 1 ? readPage({ run, order: "desc", up_to: event.offset - 1, limit: EACH }, signal) : { events: [] },
    readPage({ run, after: event.offset, up_to: asOf.value, limit: EACH }, signal),
  ]);
  const events = [...before.events.reverse(), ...after.events].map((one) => one.event);
  events.splice(before.events.length, 0, event);
  return { events, full: after.events.length === EACH };
}

export function Around({ event }: { event: Event }) {
  const [open, setOpen] = useState(false);
  const tick = useTick(open && asOf.value === null ? 2_000 : 0);
  const question = `around ${event.offset} ${asOf.value}`;
  const held = useRead(`${question} ${tick}`, (signal) => around(event, signal), question);
  const { data } = held;
  const narrow = useNarrow();
  useEffect(() => setOpen(data !== null && !data.full), [data]);
  return (
    <section class="around">
      <h2>
        Around it in <a href={href(runPath(event.run_id))}>{event.run_id}</a>
      </h2>
      <Shown held={held}>
        {({ events }) => (
          <Table
            label={`Events of the run ${event.run_id}`}
            columns={columns(narrow)}
            rows={events}
            keyOf={(one) => one.offset}
            link={(one) => href(`/events/${one.offset}`)}
            class={(one) => (one.offset === event.offset ? "here" : "")}
          />
        )}
      </Shown>
    </section>
  );
}
