import { count } from "../../lib/format.ts";
import { ledger } from "../../lib/shell.ts";
import { useGet } from "../../lib/use.ts";
import { Empty, Shown } from "../../parts/said.tsx";
import { Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";

/** Who listens to the server, and how much of what is there it was not sent yet. */
export function Listeners() {
  const held = useGet("/api/v1/listeners", {}, {}, { live: 2_000, asOf: false });
  return (
    <section aria-labelledby="listeners">
      <h2 id="listeners">Who listens</h2>
      <Shown held={held}>
        {({ listeners }) =>
          listeners.length === 0 ? (
            <Empty command={ledger("tail --follow")}>Nobody listens to this server.</Empty>
          ) : (
            <Table
              label="Who listens, and how much each was not sent yet"
              rows={listeners}
              keyOf={(one) => one.id}
              class={(one) => (one.behind > 10_000 ? "bad" : "")}
              columns={[
                { key: "caller", title: "Who", cell: (one) => one.caller },
                { key: "stream", title: "To", cell: (one) => one.stream },
                { key: "about", title: "What", wide: true, cell: (one) => one.about || "everything" },
                { key: "since", title: "Since", cell: (one) => <Time at={one.since} relative /> },
                { key: "position", title: "At", number: true, wide: true, cell: (one) => count(one.position) },
                { key: "behind", title: "To send", number: true, cell: (one) => count(one.behind) },
                { key: "sent", title: "Sent", number: true, wide: true, cell: (one) => count(one.sent) },
              ]}
            />
          )
        }
      </Shown>
    </section>
  );
}
