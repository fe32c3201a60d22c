// The columns of an artifact, as far as operations said what they make of which.
import { href } from "../../lib/router.ts";
import { ledger, option } from "../../lib/shell.ts";
import { Empty, Shown } from "../../parts/said.tsx";
import { useOperations } from "./read.ts";
import { columnsOf, ranOf } from "./words.ts";

/** How many of the last operations are asked for columns. */
const MOST = 20;

function useColumns(name: string) {
  const [writes, reads] = [useOperations("writes", name, MOST), useOperations("reads", name, MOST)];
  const events = [...(writes.data ?? []), ...(reads.data ?? [])];
  const data = writes.data && reads.data && columnsOf(name, events.map((event) => ranOf(event.payload)));
  return { ...writes, data, problem: writes.problem ?? reads.problem };
}

/** Links to the lineage of each column; nothing where there are none. */
export function Columns({ name }: { name: string }) {
  const held = useColumns(name);
  if (!held.data?.length) return null;
  return (
    <>
      <h3>Columns</h3>
      <Links names={held.data} of={name} />
    </>
  );
}

function Links({ names, of }: { names: readonly string[]; of: string }) {
  return (
    <p class="lineage-chips">
      {names.map((name) => (
        <a key={name} class="chip" href={href("/lineage", { of: name, level: "columns" })}>
          {name.slice(of.length + 1)}
        </a>
      ))}
    </p>
  );
}

const fill = (name: string) =>
  ledger("record --operation sum --reads raw/orders", option("writes", name), "--column total=raw/orders.price -- true");

/** What is offered where the lineage of columns is asked for and an artifact is named. */
export function ChooseColumn({ name }: { name: string }) {
  const held = useColumns(name);
  return (
    <Shown held={held}>
      {(names) =>
        names.length > 0 ? (
          <>
            <p>Choose a column of {name}:</p>
            <Links names={names} of={name} />
          </>
        ) : (
          <Empty command={fill(name)}>
            No operation says which columns of {name} it makes of which. One that does is recorded so:
          </Empty>
        )
      }
    </Shown>
  );
}
