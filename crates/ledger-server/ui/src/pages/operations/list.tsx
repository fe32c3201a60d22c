// All operations of the period, and the slowest of them.
import { useState } from "preact/hooks";
import { count, duration } from "../../lib/format.ts";
import { here } from "../../lib/router.ts";
import { ledger } from "../../lib/shell.ts";
import { useGet } from "../../lib/use.ts";
import { useWidth } from "../../parts/chart.tsx";
import { Empty, Shown, Trouble } from "../../parts/said.tsx";
import { LongTable, Table } from "../../parts/table.tsx";
import { asked, filter, filtered, goesOn, pace } from "./asked.ts";
import { columns, fitting } from "./columns.tsx";
import type { Stats } from "./heat.ts";
import { type Log, type Operation, useLog, withCode } from "./log.ts";
import { MOST, SHOWN, slowFrom } from "./slow.ts";

const address = (row: Operation) => here({ op: row.offset });
const bad = (row: Operation) => (row.status === "success" ? "" : "bad");
const chosen = (row: Operation) => (filter("op") === String(row.offset) ? "chosen" : "");

/** The slowest operations of the period. */
export function Slow({ stats }: { stats: Stats }) {
  const least = Math.max(slowFrom(stats), Number(filter("min_duration_ms")) || 0);
  const params = { ...asked(), min_duration_ms: least || null, limit: MOST };
  const held = useGet("/api/v1/operations", params, {}, { live: pace() });
  const code = filter("code");
  return (
    <section>
      <h2>Slowest</h2>
      <Shown held={held}>
        {({ operations, next }) => {
          const rows = operations.filter(withCode(code));
          rows.sort((one, other) => (other.duration_ms ?? 0) - (one.duration_ms ?? 0));
          if (rows.length === 0) return <NoneSlow looked={operations.length} all={next === null} least={least} />;
          return (
            <div class="op-table">
              {code && (
                <p class="quiet">
                  {count(rows.length)} of the {count(operations.length)} that took {duration(least)} or longer: those with the
                  code <b>{code}</b>.
                </p>
              )}
              {next !== null && (
                <p class="quiet">
                  Of the newest {count(operations.length)} that took {duration(least)} or longer: there are more than can be read.
                </p>
              )}
              <Table
                label="The slowest operations of the period"
                columns={[columns.command, columns.took, columns.status, columns.ended, columns.table]}
                rows={rows.slice(0, SHOWN)}
                keyOf={(row) => row.offset}
                link={address}
                class={(row) => `${bad(row)} ${chosen(row)}`}
              />
            </div>
          );
        }}
      </Shown>
    </section>
  );
}

function NoneSlow({ looked, all, least }: { looked: number; all: boolean; least: number }) {
  const code = filter("code");
  if (!code || looked === 0) return <p class="quiet">No operation of this period is as these filters say.</p>;
  return (
    <p class="quiet">
      None of the {!all && "newest "}
      {count(looked)} that took {duration(least)} or longer has the code <b>{code}</b>. The list below has all that do.
    </p>
  );
}

/** The operations, the newest first; those that end meanwhile come in while one looks at the newest. */
export function List() {
  const [scrolled, setScrolled] = useState(false);
  const [section, width] = useWidth<HTMLElement>(200);
  const code = filter("code");
  const log = useLog(asked(), code, goesOn() && !scrolled ? 1_000 : 0);
  const { rows } = log;
  const height = { "--op-rows": rows.length || (log.loading ? 12 : 1) };
  return (
    <section ref={section} aria-labelledby="op-list" class="op-list">
      <div class="row spread">
        <h2 id="op-list">Operations</h2>
        {code && (
          <span>
            only those with code <span class="chip on">{code}</span> <a href={here({ code: null })}>show all</a>
          </span>
        )}
      </div>
      {log.problem && <Trouble problem={log.problem} again={log.reload} />}
      {rows.length === 0 && !log.loading && !log.more ? (
        !log.problem && <None />
      ) : (
        <div style={height} onScrollCapture={(event) => setScrolled((event.target as Element).scrollTop > 0)}>
          <LongTable
            label="Operations that ended in the period, the newest first"
            columns={fitting(width)}
            rows={rows}
            keyOf={(row) => row.offset}
            link={address}
            class={(row) => `${bad(row)} ${chosen(row)} ${row.offset > log.known ? "new" : ""}`}
            more={log.sparse ? undefined : log.more}
            foot={<Foot log={log} waits={goesOn() && scrolled} />}
          />
        </div>
      )}
    </section>
  );
}

function Foot({ log, waits }: { log: Log; waits: boolean }) {
  const [found, looked] = [count(log.rows.length), count(log.looked)];
  const sparse = `${found} of the newest ${looked} have the code ${filter("code")}`;
  const onwards = log.sparse ? sparse : `the newest ${found}, more as you scroll`;
  return (
    <span>
      {log.loading ? "reading…" : log.more ? onwards : `all ${found}`}
      {log.sparse && log.more && !log.loading && (
        <>
          {" "}
          <button type="button" onClick={log.more}>
            Look further back
          </button>
        </>
      )}
      {waits && "; new ones wait until you scroll back to the top"}
    </span>
  );
}

function None() {
  if (filtered() > 0) return <Empty>No operation of this period is as these filters say.</Empty>;
  return (
    <Empty command={ledger("record --operation load --writes in/orders -- sleep 1")}>
      No operation ended in this period. Record one, or look at a longer period.
    </Empty>
  );
}
