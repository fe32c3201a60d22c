// The runs over time: one row each, idle time cut out, and a brush to look closer.
import { useMemo, useState } from "preact/hooks";
import { count, duration, local } from "../../lib/format.ts";
import { href } from "../../lib/router.ts";
import { useNarrow } from "../../parts/table.tsx";
import { rem } from "../../parts/zoom.ts";
import { Axis, Grid, cutWords } from "./axis.tsx";
import { BRUSH_HEIGHT, Brush } from "./brush.tsx";
import { type Rule, type Scale, beyond, shows, xOf } from "./fold.ts";
import { outcomeOf, outcomeSigns } from "./outcome.ts";
import { rove } from "./rove.ts";
import { type Run, runPath } from "./said.tsx";
import { clock, midnight, ticks } from "./ticks.ts";
import { type Span, lengthOf, spanOf } from "./time.ts";
import { useFolded } from "./use-folded.ts";
import { timeOfMost } from "./view.ts";

/** Five minutes without any run are cut out, unless they are little of all that is shown. */
const IDLE: Rule = { least: 300_000, share: 0.02 };
const NAMES = 195;
const [ROOM, NARROW_ROOM] = [140, 110];

export function Gantt({ runs }: { runs: readonly Run[] }) {
  const narrow = useNarrow();
  const [over, setOver] = useState<Run | null>(null);
  const spans = useMemo(() => runs.map(spanOf), [runs]);
  const most = useMemo(() => timeOfMost(spans), [spans]);
  const time = useFolded(spans, IDLE, narrow ? 0 : NAMES, most);
  const { scale, left } = time;
  const marks = useMemo(() => ticks(scale, clock, midnight, narrow ? NARROW_ROOM : ROOM), [scale, narrow]);
  const cut = cutWords(scale, "no run was active are");
  return (
    <figure class="run-folded gantt">
      <div ref={time.box}>
        <Axis scale={scale} ticks={marks} left={left} />
        <div
          class="run-folded-body"
          role="group"
          tabIndex={0}
          aria-label={`${runs.length} runs over time, one by one with the arrow keys; the list below says the same`}
          onKeyDown={rove}
          onMouseLeave={() => setOver(null)}
        >
          <Grid scale={scale} ticks={marks} left={left} />
          {runs.map((run, at) => (
            <Row key={run.run_id} run={run} span={spans[at]!} scale={scale} over={setOver} />
          ))}
        </div>
        <Brush time={time} label="Choose the time that is shown" write={(at) => local(at)}>
          <Small spans={spans} runs={runs} whole={time.whole} />
        </Brush>
      </div>
      <figcaption class="run-folded-caption">
        <span>{over ? words(over) : <Key />}</span>
        <span class="quiet">
          {time.isFirst && "This is the time of most runs; All shows the longest, too. "}
          {cut}
        </span>
      </figcaption>
    </figure>
  );
}

function words(run: Run): string {
  const ended = run.reason ? `${outcomeOf(run)} (${run.reason})` : outcomeOf(run);
  return `${run.run_id}: ${ended}, ${count(run.events)} events, from ${local(run.first_at)}, ${duration(lengthOf(run))}`;
}

function Key() {
  return (
    <span class="run-key">
      {(["finished", "failed", "open"] as const).map((outcome) => (
        <span key={outcome}>
          <span class={`run-bar ${outcome}`} aria-hidden="true">
            {outcomeSigns[outcome]}
          </span>{" "}
          {outcome === "failed" ? "failed, as its reason says" : outcome}
        </span>
      ))}
    </span>
  );
}

function Row(props: { run: Run; span: Span; scale: Scale; over: (run: Run) => void }) {
  const { run, span, scale } = props;
  return (
    <a
      class="gantt-row"
      href={href(runPath(run.run_id))}
      tabIndex={-1}
      data-rove
      aria-label={words(run)}
      onMouseEnter={() => props.over(run)}
      onFocus={() => props.over(run)}
    >
      <span class="gantt-name">{run.run_id}</span>
      <span class="gantt-track">
        {shows(scale, span) ? <Bar run={run} span={span} scale={scale} /> : <Outside span={span} scale={scale} />}
      </span>
    </a>
  );
}

/** Failed and open runs are wide enough for their signs, however short. */
const LEAST = { finished: 4, failed: 15, open: 15 };

function Bar({ run, span, scale }: { run: Run; span: Span; scale: Scale }) {
  const outcome = outcomeOf(run);
  const [from, to] = [xOf(scale, span.from), xOf(scale, span.to)];
  const width = Math.max(LEAST[outcome], to - from);
  const x = Math.max(0, Math.min(from, scale.width - width));
  return (
    <span class={`run-bar ${outcome} ${beyond(scale, span)}`} style={{ left: rem(x), width: rem(width) }}>
      {width >= LEAST.failed && outcomeSigns[outcome]}
    </span>
  );
}

/** A run that is out of view: an arrow to where it is. */
function Outside({ span, scale }: { span: Span; scale: Scale }) {
  const before = span.to < (scale.parts[0]?.from ?? 0);
  return <span class={`gantt-outside ${before ? "before" : "after"}`} />;
}

/** All runs as thin lines, for the brush. */
function Small({ spans, runs, whole }: { spans: readonly Span[]; runs: readonly Run[]; whole: Scale }) {
  const step = BRUSH_HEIGHT / (spans.length + 1);
  const line = (failed: boolean) =>
    spans
      .map((span, at) => ({ span, y: (at + 1) * step, bad: outcomeOf(runs[at]!) === "failed" }))
      .filter((one) => one.bad === failed)
      .map(({ span, y }) => {
        const [from, to] = [xOf(whole, span.from), xOf(whole, span.to)];
        return `M${from.toFixed(1)} ${y.toFixed(1)}H${Math.max(from + 2, to).toFixed(1)}`;
      })
      .join("");
  const thick = Math.max(1, Math.min(4, step * 0.7));
  return (
    <>
      <path class="run-mark" d={line(false)} stroke-width={thick} />
      <path class="run-mark bad" d={line(true)} stroke-width={thick} />
    </>
  );
}
