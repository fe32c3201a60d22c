import { count } from "../../lib/format.ts";
import { Command, Shown } from "../../parts/said.tsx";
import { Table } from "../../parts/table.tsx";
import { lagOf, stateOf, useReplicas } from "./replicas.ts";

/** How far each replica is behind, as it says itself. */
export function Replicas() {
  const held = useReplicas();
  return (
    <section aria-labelledby="replicas">
      <h2 id="replicas">Replicas</h2>
      <Shown held={held}>
        {(replicas) =>
          replicas.length === 0 ? (
            <div class="empty">
              <p>
                This server was told of no replica. <code>ledger replicate --to replica.db --follow</code> carries one on; name it
                where the server is started.
              </p>
              <Command text="ledger serve --replica history=replica.db" />
            </div>
          ) : (
            <Table
              label="Replicas, and how far behind"
              rows={replicas}
              keyOf={(one) => one.name}
              columns={[
                { key: "name", title: "Replica", cell: (one) => one.name },
                { key: "state", title: "State", cell: (one) => <span class={stateOf(one)}>{lagOf(one)}</span> },
                { key: "at", title: "At", number: true, wide: true, cell: (one) => number(one.position) },
                { key: "behind", title: "Behind", number: true, cell: (one) => number(one.behind) },
                { key: "why", title: "Why", cell: (one) => one.problem ?? "" },
              ]}
            />
          )
        }
      </Shown>
    </section>
  );
}

function number(value: number | null): string {
  return value === null ? "–" : count(value);
}
