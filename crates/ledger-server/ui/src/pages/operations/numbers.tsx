// The numbers of a period: all together, by command, by project, and what went wrong.
import type { ComponentChildren } from "preact";
import { brief, count, duration } from "../../lib/format.ts";
import { here } from "../../lib/router.ts";
import { Spark } from "../../parts/chart.tsx";
import { Table } from "../../parts/table.tsx";
import { filter } from "./asked.ts";
import type { Stats } from "./heat.ts";
import { rate } from "./rate.ts";

/** The numbers at a glance. They keep their places while they are read. */
export function Cards({ stats, loading }: { stats: Stats | null; loading: boolean }) {
  const some = stats !== null && stats.total_operations > 0;
  const unknown = stats === null && loading ? "…" : "–";
  const time = (of: (stats: Stats) => number) => (some ? duration(of(stats)) : unknown);
  return (
    <div class="cards op-cards">
      <Card title="ended" figure={stats ? brief(stats.total_operations) : unknown}>
        {stats && <span title={count(stats.total_operations)}>{stats.total_operations === 1 ? "operation" : "operations"}</span>}
      </Card>
      <Card
        title="ended well"
        figure={stats?.success_rate == null ? unknown : rate(stats.success_rate)}
        class={some && stats.success_rate !== 1 ? "warn" : ""}
      >
        {some && <Bad stats={stats} />}
      </Card>
      <Card title="p50" figure={time((stats) => stats.p50_duration_ms)}>
        half took no longer
      </Card>
      <Card title="p95" figure={time((stats) => stats.p95_duration_ms)}>
        95 of 100 took no longer
      </Card>
      <Card title="p99" figure={time((stats) => stats.p99_duration_ms)}>
        99 of 100 took no longer
      </Card>
      <Card title="longest" figure={time((stats) => stats.max_duration_ms)}>
        {some && `${duration(stats.avg_duration_ms)} in the mean`}
      </Card>
    </div>
  );
}

function Card(props: { title: string; figure: string; class?: string; children: ComponentChildren }) {
  return (
    <div class="card">
      <h2>{props.title}</h2>
      <div class={`figure ${props.class ?? ""}`}>{props.figure}</div>
      <div class="quiet small">{props.children}</div>
    </div>
  );
}

function Bad({ stats }: { stats: Stats }) {
  if (stats.failed + stats.timed_out === 0) return <>none failed</>;
  return (
    <>
      {stats.failed > 0 && <a href={here({ status: "error", code: null })}>{count(stats.failed)} failed</a>}
      {stats.failed > 0 && stats.timed_out > 0 && ", "}
      {stats.timed_out > 0 && <a href={here({ status: "timeout", code: null })}>{count(stats.timed_out)} timed out</a>}
    </>
  );
}

interface Group {
  count: number;
  failed: number;
  p50_duration_ms: number;
  p95_duration_ms: number;
  p99_duration_ms: number;
}

const NUMBERS = [
  { key: "count", title: "ended", number: true, cell: (row: Group) => count(row.count) },
  { key: "failed", title: "not well", number: true, cell: (row: Group) => <Rate failed={row.failed} of={row.count} /> },
  { key: "p50", title: "p50", number: true, cell: (row: Group) => duration(row.p50_duration_ms) },
  { key: "p95", title: "p95", number: true, cell: (row: Group) => duration(row.p95_duration_ms) },
  { key: "p99", title: "p99", number: true, cell: (row: Group) => duration(row.p99_duration_ms) },
];

function Rate({ failed, of }: { failed: number; of: number }) {
  if (failed === 0) return <span class="quiet">none</span>;
  return (
    <span class="bad" title={`${count(failed)} of ${count(of)}`}>
      {rate(failed / of)}
    </span>
  );
}

/** A name that sets a filter, or takes it away where it is set. */
function Pick({ name, of }: { name: "command" | "project"; of: string }) {
  const on = filter(name) === of;
  return (
    <a data-row class="op-name" href={here({ [name]: on ? null : of, heat: null })} title={on ? "show all" : `only ${of}`}>
      {of}
      {on && " ✕"}
    </a>
  );
}

export function ByCommand({ stats }: { stats: Stats }) {
  const series = new Map((stats.by_command_series ?? []).map(({ command, series }) => [command, series]));
  const line = (command: string) => {
    const buckets = series.get(command);
    const values = buckets?.map((bucket) => (bucket.count > 0 ? bucket.p95_duration_ms : null));
    return values && <Spark values={values} label={`p95 of ${command} over time`} />;
  };
  return (
    <section>
      <h2>By command</h2>
      <div class="op-table">
        <Table
          label="Operations by command"
          columns={[
            { key: "command", title: "command", cell: (row) => <Pick name="command" of={row.command} /> },
            ...NUMBERS,
            { key: "line", title: "p95 over time", wide: true, cell: (row) => line(row.command) },
          ]}
          rows={stats.by_command}
          keyOf={(row) => row.command}
        />
      </div>
    </section>
  );
}

export function ByProject({ stats }: { stats: Stats }) {
  if (stats.by_project.length === 0 || stats.by_project.every(({ project }) => project === null)) return null;
  return (
    <section>
      <h2>By project</h2>
      <div class="op-table">
        <Table
          label="Operations by project"
          columns={[
            {
              key: "project",
              title: "project",
              cell: ({ project }) =>
                project === null ? <span class="quiet">none named</span> : <Pick name="project" of={project} />,
            },
            ...NUMBERS,
          ]}
          rows={stats.by_project}
          keyOf={(row) => row.project ?? ""}
        />
      </div>
    </section>
  );
}

type ErrorCount = Stats["errors"][number];

export function Errors({ stats }: { stats: Stats }) {
  if (stats.errors.length === 0) return null;
  const bad = stats.failed + stats.timed_out;
  return (
    <section>
      <h2>What went wrong</h2>
      <div class="op-table">
        <Table
          label="Errors by code"
          columns={[
            { key: "code", title: "code", cell: (row) => <Code row={row} /> },
            { key: "status", title: "ended", cell: (row) => (row.status === "timeout" ? "timed out" : "with an error") },
            { key: "count", title: "times", number: true, cell: (row) => count(row.count) },
            { key: "part", title: "of all that", number: true, cell: (row) => rate(row.count / bad) },
          ]}
          rows={stats.errors}
          keyOf={(row) => `${row.status} ${row.code ?? ""}`}
        />
      </div>
    </section>
  );
}

function Code({ row }: { row: ErrorCount }) {
  const on = row.code !== null && filter("code") === row.code;
  return (
    <a data-row class="op-name" href={here({ status: on ? null : row.status, code: on ? null : row.code })}>
      {row.code ?? "none given"}
      {on && " ✕"}
    </a>
  );
}
