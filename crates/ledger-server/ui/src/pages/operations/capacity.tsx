// How much each day brings, and where that leads.
import { useEffect, useRef, useState } from "preact/hooks";
import { brief, bytes, count } from "../../lib/format.ts";
import { change, place } from "../../lib/router.ts";
import { ledger } from "../../lib/shell.ts";
import { useGet } from "../../lib/use.ts";
import { Chart } from "../../parts/chart.tsx";
import { Empty, Shown } from "../../parts/said.tsx";
import { filter } from "./asked.ts";
import { type Capacity, draw } from "./forecast.ts";

const AHEAD = ["7", "30", "90", "365"];

/** It reads many days: not before one comes near. */
export function CapacitySection() {
  const section = useRef<HTMLElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    const watch = new IntersectionObserver(([entry]) => entry?.isIntersecting && setNear(true), { rootMargin: "300px" });
    watch.observe(section.current!);
    return () => watch.disconnect();
  }, []);
  const ahead = place.value.params.get("ahead") ?? "30";
  return (
    <section ref={section} class="op-capacity" aria-labelledby="op-capacity">
      <div class="row spread">
        <h2 id="op-capacity">How much it grows</h2>
        <label class="inline">
          days ahead
          <select value={ahead} onChange={(event) => change({ ahead: event.currentTarget.value })}>
            {[...new Set([...AHEAD, ahead])].map((days) => (
              <option key={days}>{days}</option>
            ))}
          </select>
        </label>
      </div>
      {near && <Growth ahead={ahead} />}
    </section>
  );
}

function Growth({ ahead }: { ahead: string }) {
  const held = useGet("/api/v1/operations/capacity", { project: filter("project"), period: "30d", days: ahead });
  return (
    <Shown held={held}>
      {(told) =>
        told.capacity.days.length === 0 ? (
          <Empty command={ledger("record --operation load -- sleep 1")}>
            No whole day had operations yet: a day counts from midnight to midnight in UTC.
          </Empty>
        ) : (
          <Days told={told} />
        )
      }
    </Shown>
  );
}

function Days({ told }: { told: Capacity }) {
  return (
    <>
      <p>{sentence(told)}</p>
      <div class="columns">
        <Growing told={told} of="operations" title="Operations a day" write={brief} />
        <Growing told={told} of="bytes" title="Bytes of events a day" write={(value) => bytes(Math.round(value))} />
      </div>
      <p class="quiet small">
        Whole days of the last 30, by UTC{filter("project") && ", of this project"}; the other filters do not apply here.
        Bytes are those of the events as they are exported: on disk they differ by engine.
      </p>
    </>
  );
}

/** The numbers in words. */
export function sentence({ capacity, forecast }: Capacity): string {
  const days = capacity.days.length;
  const each = `${rounded(capacity.operations_per_day)} operations and ${bytes(Math.round(capacity.bytes_per_day))}`;
  const had = `${days === 1 ? "The one whole day had" : `In ${days} days, a day had`} ${each}${days === 1 ? "" : " in the mean"}`;
  if (!forecast) return `${had}. That is too few days to say where it leads: it takes three.`;
  const growth = capacity.growth_per_day;
  const changes = `each day has ${rounded(Math.abs(growth))} ${growth > 0 ? "more" : "fewer"} than the day before`;
  const way = Math.abs(growth) < 0.05 ? "it stays the same" : changes;
  const next = `The next ${forecast.days} days are expected to bring ${rounded(forecast.operations)} operations`;
  const off = `give or take ${rounded(forecast.operations_error)}`;
  const size = `${bytes(Math.round(forecast.bytes))}, give or take ${bytes(Math.round(forecast.bytes_error))}`;
  return `${had}, and ${way}. ${next}, ${off}, and ${size}; 95 times in 100 it is within that.`;
}

/** A number as exact as one can go by. */
function rounded(value: number): string {
  return value < 10 ? String(Number(value.toFixed(1))) : value < 10_000 ? count(Math.round(value)) : brief(value);
}

/** The unit that so many bytes are written in: a scale has round numbers of it. */
function unitOf(size: number): number {
  return 1_024 ** Math.max(0, Math.floor(Math.log2(Math.max(size, 1)) / 10));
}

function Growing(props: {
  told: Capacity;
  of: "operations" | "bytes";
  title: string;
  write: (value: number) => string;
}) {
  const { capacity, forecast } = props.told;
  const error = forecast?.[`${props.of}_error`] ?? 0;
  const days = capacity.days.map((day) => ({ day: day.day, value: day[props.of] }));
  const drawn = draw(days, forecast?.days ?? 0, error);
  const unit = props.of === "bytes" ? unitOf(Math.max(...drawn.had.map(Number), ...drawn.high.map(Number))) : 1;
  const scaled = (values: (number | null)[]) => values.map((value) => (value === null ? null : value / unit));
  const expected = forecast ? [{ name: "expected", values: scaled(drawn.expected) }] : [];
  return (
    <div>
      <h3>{props.title}</h3>
      <Chart
        label={`${props.title}${forecast ? ", and what is expected" : ""}`}
        at={drawn.at}
        lines={[{ name: "had", values: scaled(drawn.had) }, ...expected]}
        band={forecast ? { name: "within this 95 times in 100", low: scaled(drawn.low), high: scaled(drawn.high) } : undefined}
        write={(value) => props.write(value * unit)}
        writeAt={(at) => at.slice(0, 10)}
        height={170}
      />
    </div>
  );
}
