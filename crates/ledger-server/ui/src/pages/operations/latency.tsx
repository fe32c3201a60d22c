// How long operations took over time: percentiles as lines, and all of them as a heat map below.
import { duration } from "../../lib/format.ts";
import { change, place } from "../../lib/router.ts";
import { Chart } from "../../parts/chart.tsx";
import { filter, writeAt, writeMark } from "./asked.ts";
import { HeatMap } from "./heat-map.tsx";
import type { Stats } from "./heat.ts";

type Bucket = Stats["series"][number];

/** The command that the pictures are of; nothing when they are of all. */
function drawn(stats: Stats): string | null {
  const wanted = filter("command") ? null : place.value.params.get("heat");
  return (stats.by_command_series ?? []).some(({ command }) => command === wanted) ? wanted : null;
}

export function Latency({ stats }: { stats: Stats }) {
  const only = drawn(stats);
  const series = (stats.by_command_series ?? []).find(({ command }) => command === only)?.series ?? stats.series;
  const span = Date.parse(stats.to) - Date.parse(stats.from);
  const label = `How long ${only ?? "operations"} took over time`;
  return (
    <section class="op-latency" aria-labelledby="op-latency">
      <div class="row spread">
        <h2 id="op-latency">How long they took</h2>
        {!filter("command") && <Which stats={stats} only={only} />}
      </div>
      <Percentiles label={label} series={series} to={stats.to} span={span} />
      <HeatMap stats={stats} only={only} span={span} />
    </section>
  );
}

function Which({ stats, only }: { stats: Stats; only: string | null }) {
  return (
    <label class="inline">
      drawn of
      <select value={only ?? ""} onChange={(event) => change({ heat: event.currentTarget.value })}>
        <option value="">all commands</option>
        {(stats.by_command_series ?? []).map(({ command }) => (
          <option key={command} value={command}>
            {command}
          </option>
        ))}
      </select>
    </label>
  );
}

function Percentiles(props: { label: string; series: readonly Bucket[]; to: string; span: number }) {
  const { series } = props;
  const line = (name: string, value: (bucket: Bucket) => number) => ({
    name,
    values: series.map((bucket) => (bucket.count > 0 ? value(bucket) : null)),
  });
  const narrow = (place: number) => {
    const from = series[place]?.from;
    if (from) change({ from, to: series[place + 1]?.from ?? props.to, period: null });
  };
  return (
    <Chart
      label={props.label}
      at={series.map((bucket) => bucket.from)}
      lines={[
        line("p50", (bucket) => bucket.p50_duration_ms),
        line("p95", (bucket) => bucket.p95_duration_ms),
        line("p99", (bucket) => bucket.p99_duration_ms),
      ]}
      scale="log"
      write={duration}
      writeMark={writeMark}
      writeAt={(at) => writeAt(at, props.span)}
      height={170}
      pick={narrow}
    />
  );
}
