// What happened in a run over time: its operations as bars, and below them the other events, a lane for each actor.
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { count, duration, local } from "../../lib/format.ts";
import { here, href } from "../../lib/router.ts";
import { useNarrow } from "../../parts/table.tsx";
import { rem } from "../../parts/zoom.ts";
import { Axis, Grid, cutWords } from "./axis.tsx";
import { BRUSH_HEIGHT, Brush } from "./brush.tsx";
import { type Rule, type Scale, beyond, shows, xOf } from "./fold.ts";
import { type Cluster, type Placed, clusters, lanesOf } from "./lanes.ts";
import { type Event, type Operation, isFailure } from "./operations.ts";
import { endedBadly, operationSigns, operationWords } from "./outcome.ts";
import { rove } from "./rove.ts";
import { since, ticks } from "./ticks.ts";
import { type Span, exact, stamp } from "./time.ts";
import { type Folded, useFolded } from "./use-folded.ts";

/** Two seconds in which nothing happens are cut out, if they are much of all that is shown. */
const IDLE: Rule = { least: 2_000, share: 0.15 };
const NAMES = 165;
const ROOM = 84;
const LANE = 21;
/** Bars may touch each other. */
const APART = -0.5;

interface Drawn {
  operations: readonly Operation[];
  others: readonly Event[];
}

export function Timeline({ operations, others }: Drawn) {
  const narrow = useNarrow();
  const [over, setOver] = useState<string | null>(null);
  const spans = useMemo(() => [...operations, ...others.map(instant)], [operations, others]);
  const start = useMemo(() => spans.reduce((least, span) => Math.min(least, span.from), Infinity), [spans]);
  const time = useFolded(spans, IDLE, narrow ? 8 : NAMES);
  const { scale, left } = time;
  const write = useMemo(() => since(start), [start]);
  const marks = useMemo(() => ticks(scale, write, () => start, ROOM), [scale, write, start]);
  const drawn = useMemo(
    () => (
      <>
        <Bars operations={operations} scale={scale} left={left} start={start} />
        <Lanes events={others} scale={scale} left={left} start={start} />
      </>
    ),
    [operations, others, scale, left, start],
  );
  const tell = (event: MouseEvent | FocusEvent) => {
    setOver((event.target as Element).closest("[data-rove]")?.getAttribute("aria-label") ?? null);
  };
  return (
    <figure class="run-folded run-timeline">
      <div ref={time.box}>
        <Axis scale={scale} ticks={marks} left={left} />
        <div
          class="run-folded-body run-timeline-body"
          role="group"
          tabIndex={0}
          aria-label={`${operations.length} operations and ${others.length} other events, one by one with the arrow keys`}
          onKeyDown={rove}
          onMouseOver={tell}
          onFocusIn={tell}
          onMouseLeave={() => setOver(null)}
        >
          <Grid scale={scale} ticks={marks} left={left} />
          {drawn}
        </div>
        <Brush time={time} label="Choose the time that is shown" write={(at) => write(at, 0, null)}>
          <Small operations={operations} others={others} time={time} />
        </Brush>
      </div>
      <figcaption class="run-folded-caption">
        <span>{over ?? <Key />}</span>
        <span class="quiet">{cutWords(scale, "nothing happened are")}</span>
      </figcaption>
    </figure>
  );
}

function instant(event: Event): Span {
  const at = exact(event.created_at);
  return { from: at, to: at };
}

function Key() {
  return (
    <span class="run-key">
      {(["success", "error", "timeout", "open"] as const).map((outcome) => (
        <span key={outcome}>
          <span class={`run-bar ${outcome}`} aria-hidden="true">
            {operationSigns[outcome]}
          </span>{" "}
          {operationWords[outcome]}
        </span>
      ))}
      <span>
        <span class="run-mark-sign" aria-hidden="true">
          ◆
        </span>{" "}
        event, a number for several
      </span>
    </span>
  );
}

/** Where an operation stands; those that did not end well are wide enough for their signs. */
function placed(operation: Operation, scale: Scale): Placed {
  const [from, to] = [xOf(scale, operation.from), xOf(scale, operation.to)];
  const width = Math.max(operation.outcome === "success" ? 4 : 16, to - from);
  return { x: Math.max(0, Math.min(from, scale.width - width)), width };
}

interface InTime {
  scale: Scale;
  left: number;
  start: number;
}

function Bars({ operations, scale, left, start }: InTime & { operations: readonly Operation[] }) {
  const seen = operations.filter((operation) => shows(scale, operation));
  const places = seen.map((operation) => placed(operation, scale));
  const lanes = lanesOf(places, APART);
  const height = LANE * (1 + lanes.reduce((most, lane) => Math.max(most, lane), -1));
  if (operations.length === 0) return null;
  return (
    <Lane name="operations" height={Math.max(LANE, height)} left={left}>
      {seen.map((operation, at) => {
        const { x, width } = places[at]!;
        return (
          <a
            key={operation.id}
            class={`run-bar ${operation.outcome} ${beyond(scale, operation)}`}
            href={href(`/events/${operation.event.offset}`)}
            tabIndex={-1}
            data-rove
            aria-label={told(operation, start)}
            style={{ left: rem(x), width: rem(width), top: rem(lanes[at]! * LANE) }}
          >
            {operation.outcome !== "success" && `${operationSigns[operation.outcome]} `}
            {width > 30 && operation.name}
          </a>
        );
      })}
    </Lane>
  );
}

function Lane(props: { name: string; height: number; left: number; children: ComponentChildren }) {
  return (
    <div class="run-timeline-lane">
      <span class="run-timeline-name" title={props.name}>
        {props.name}
      </span>
      <div class="run-timeline-track" style={{ height: rem(props.height), marginLeft: rem(props.left) }}>
        {props.children}
      </div>
    </div>
  );
}

function told(operation: Operation, start: number): string {
  const { name, outcome, from, reads, writes } = operation;
  const parts = [
    `${name}: ${operationWords[outcome]}`,
    operation.duration !== null ? duration(operation.duration) : "",
    `from ${since(start)(from, 0, null)}`,
    operation.error ? `because: ${operation.error}` : "",
    reads.length > 0 ? `reads ${few(reads)}` : "",
    writes.length > 0 ? `writes ${few(writes)}` : "",
    operation.rows !== null ? `${count(operation.rows)} rows` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function few(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");
}

const [ONE, SEVERAL] = [12, 27];

function Lanes({ events, scale, left, start }: InTime & { events: readonly Event[] }) {
  const actors = [...new Set(events.map((event) => event.actor))];
  return (
    <>
      {actors.map((actor) => {
        const own = events.filter((event) => event.actor === actor && shows(scale, instant(event)));
        const marks = own.map((of) => ({ x: xOf(scale, exact(of.created_at)), of })).sort((a, b) => a.x - b.x);
        return (
          <Lane key={actor} name={actor} height={LANE} left={left}>
            {clusters(marks, ONE, SEVERAL).map((cluster) => (
              <Mark key={cluster.of[0]!.offset} cluster={cluster} scale={scale} start={start} />
            ))}
          </Lane>
        );
      })}
    </>
  );
}

/** One event, or several that are too near to each other: these lead closer, as long as there is time between them. */
function Mark(props: { cluster: Cluster<Event>; scale: Scale; start: number }) {
  const { x, of } = props.cluster;
  const first = of[0]!;
  const [from, to] = [exact(first.created_at), exact(of[of.length - 1]!.created_at)];
  const several = of.length > 1;
  const failures = of.filter(isFailure).length;
  const many = several ? `${of.length} events${failures > 0 ? `, ${failures} of them failures` : ""}: ` : "";
  const when = `${since(props.start)(from, 0, null)} (${local(first.created_at)})`;
  const kinds = [...new Set(of.map((event) => event.kind))];
  const closer = several && to - from >= 0.002;
  const room = 0.05 * (to - from);
  return (
    <a
      class={`run-mark-link ${several ? "several" : ""} ${failures > 0 ? "bad" : ""}`}
      href={closer ? here({ from: stamp(from - room), to: stamp(to + room) }) : href(`/events/${first.offset}`)}
      tabIndex={-1}
      data-rove
      aria-label={`${many}${few(kinds)}, ${when}`}
      style={{ left: rem(Math.min(x, props.scale.width - (several ? SEVERAL / 2 : 0))) }}
    >
      {several ? (of.length > 99 ? "99+" : of.length) : failures > 0 ? "✕" : "◆"}
    </a>
  );
}

/** All of the run in a few pixels, for the brush. */
function Small({ operations, others, time: { whole } }: Drawn & { time: Folded }) {
  const lines = useMemo(() => {
    const places = operations.map((operation) => placed(operation, whole));
    const lanes = lanesOf(places, 0);
    const step = Math.min(6, (BRUSH_HEIGHT - 10) / (1 + lanes.reduce((most, lane) => Math.max(most, lane), 0)));
    const line = (failed: boolean) =>
      operations
        .map((operation, at) => ({ bad: endedBadly(operation.outcome), at }))
        .filter((one) => one.bad === failed)
        .map(({ at }) => `M${places[at]!.x.toFixed(1)} ${(3 + lanes[at]! * step).toFixed(1)}h${places[at]!.width.toFixed(1)}`)
        .join("");
    const point = (event: Event) => `M${xOf(whole, exact(event.created_at)).toFixed(1)} ${BRUSH_HEIGHT - 5}v4`;
    const points = others.map(point).join("");
    return { good: line(false), bad: line(true), points, thick: Math.max(0.5, step * 0.7) };
  }, [operations, others, whole]);
  return (
    <>
      <path class="run-mark" d={lines.good} stroke-width={lines.thick} />
      <path class="run-mark bad" d={lines.bad} stroke-width={lines.thick} />
      <path class="run-mark points" d={lines.points} stroke-width="1" />
    </>
  );
}
