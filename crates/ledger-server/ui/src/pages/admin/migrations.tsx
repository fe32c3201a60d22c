import { bytes, count } from "../../lib/format.ts";
import { useGet } from "../../lib/use.ts";
import { Shown } from "../../parts/said.tsx";
import { Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";

/** The history of the ledger's tables. */
export function Migrations() {
  const held = useGet("/api/v1/migrations", {}, {}, { asOf: false });
  if (held.problem?.code === "no_migrations") return null;
  return (
    <section aria-labelledby="migrations">
      <h2 id="migrations">Migrations</h2>
      <Shown held={held}>
        {({ migrations }) => (
          <>
            {migrations.length === 0 && <p class="quiet">This backend has no tables.</p>}
            {migrations.some((step) => !step.applied_at) && (
              <p class="warn">
                Some are to be applied, on the URL that is served here:{" "}
                <code>ledger --url URL migrate --dry-run</code>, then <code>ledger --url URL migrate</code>.
              </p>
            )}
            {migrations.length > 0 && (
              <Table
                label="Migrations"
                rows={migrations}
                keyOf={(step) => step.version}
                columns={[
                  { key: "version", title: "Step", number: true, cell: (step) => step.version },
                  { key: "name", title: "What", cell: (step) => step.name },
                  {
                    key: "applied",
                    title: "Applied",
                    cell: (step) => (step.applied_at ? <Time at={step.applied_at} /> : "not yet"),
                  },
                  {
                    key: "size",
                    title: "Rewrites",
                    wide: true,
                    cell: (step) => (step.rows == null ? "" : `${count(step.rows)} rows, ${bytes(step.bytes ?? 0)}`),
                  },
                  {
                    key: "statements",
                    title: "Statements",
                    wide: true,
                    cell: (step) => (
                      <details>
                        <summary>{step.statements.length}</summary>
                        <pre>{step.statements.join(";\n")}</pre>
                      </details>
                    ),
                  },
                ]}
              />
            )}
          </>
        )}
      </Shown>
    </section>
  );
}
