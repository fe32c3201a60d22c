// The operation log: what ran, how it ended, how long it took, and where that leads.
import "./operations.css";
import { count } from "../lib/format.ts";
import { useGet } from "../lib/use.ts";
import { Trouble } from "../parts/said.tsx";
import { asked, filter, pace, parts } from "./operations/asked.ts";
import { CapacitySection } from "./operations/capacity.tsx";
import { Detail } from "./operations/detail.tsx";
import { Filters } from "./operations/filters.tsx";
import type { Stats } from "./operations/heat.ts";
import { Latency } from "./operations/latency.tsx";
import { List, Slow } from "./operations/list.tsx";
import { ByCommand, ByProject, Cards, Errors } from "./operations/numbers.tsx";

export function OperationsPage(_: { name: string }) {
  const params = { ...asked(), buckets: parts(), heat: true };
  const held = useGet("/api/v1/operations/stats", params, {}, { live: pace() });
  const stats = held.data;
  return (
    <div class="operations">
      <h1>Operations</h1>
      <Filters
        commands={stats?.by_command.map(({ command }) => command) ?? []}
        projects={stats?.by_project.flatMap(({ project }) => project ?? []) ?? []}
      />
      {held.problem && <Trouble problem={held.problem} again={held.reload} />}
      {stats && <OfAllCodes stats={stats} />}
      <Cards stats={stats} loading={held.loading} />
      {stats && stats.total_operations > 0 && <Numbers stats={stats} />}
      <List />
      {(stats || held.problem) && <CapacitySection />}
      {filter("op") && <Detail offset={filter("op")} />}
    </div>
  );
}

/** The server counts no code by itself: what it counts is said to be of all, unless all have the code. */
function OfAllCodes({ stats }: { stats: Stats }) {
  const code = filter("code");
  const those = stats.errors.reduce((sum, error) => sum + (error.code === code ? error.count : 0), 0);
  if (!code || those === stats.total_operations) return null;
  const status = filter("status");
  const all = status === "error" ? "failed operations" : status === "timeout" ? "operations that timed out" : "operations";
  return (
    <p class="warn">
      The code <b>{code}</b> chooses only what is listed. Figures and charts, by command and by project, are of all {all} under
      the other filters, whatever their code.
    </p>
  );
}

function Numbers({ stats }: { stats: Stats }) {
  const bad = stats.failed + stats.timed_out;
  return (
    <>
      <p class="unseen" role="status">
        {bad === 0 ? "No operation of this period failed" : `${count(bad)} operations of this period did not end well`}
      </p>
      {stats.unread > 0 && (
        <p class="warn">{count(stats.unread)} events call themselves operations and cannot be read as such: they are left out.</p>
      )}
      <div class="op-split">
        <Latency stats={stats} />
        <div>
          <Errors stats={stats} />
          <Slow stats={stats} />
        </div>
      </div>
      <div class="op-split">
        <ByCommand stats={stats} />
        <ByProject stats={stats} />
      </div>
    </>
  );
}
