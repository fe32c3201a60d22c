// Chooses the part of the time that is looked at, with a pointer, keys or buttons.
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { rem } from "../../parts/zoom.ts";
import type { Scale } from "./fold.ts";
import type { Folded } from "./use-folded.ts";
import { type Grip, beside, between, dragged, edges, farther, gripAt, nearer } from "./view.ts";

/** The least width of what is drawn anew, in pixels of a usual screen: less is a click. */
const CLICK = 3;

export function Brush(props: { time: Folded; label: string; write: (time: number) => string; children: ComponentChildren }) {
  const { whole, view, show, keep, left, zoom } = props.time;
  const strip = useRef<HTMLDivElement>(null);
  const grip = useRef<Grip | null>(null);
  const [from, to] = edges(whole, view);
  const placeOf = (event: PointerEvent) => (event.clientX - strip.current!.getBoundingClientRect().left) / zoom;
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    strip.current!.setPointerCapture(event.pointerId);
    grip.current = gripAt(placeOf(event), from, to, view !== null);
  };
  const move = (event: PointerEvent) => {
    if (grip.current) show(between(whole, ...dragged(grip.current, placeOf(event), whole.width)));
  };
  const up = (event: PointerEvent) => {
    const held = grip.current;
    grip.current = null;
    if (!held) return;
    const [a, b] = dragged(held, placeOf(event), whole.width);
    if (Math.abs(placeOf(event) - held.at) < CLICK) keep(held.part === "new" ? null : view, "replace");
    else keep(Math.abs(a - b) >= whole.width - 1 ? null : between(whole, a, b));
  };
  const cancel = () => {
    grip.current = null;
    show(undefined);
  };
  return (
    <div class="run-brush" role="group" aria-label={props.label}>
      <Buttons time={props.time} />
      <div class="run-brush-frame" style={{ marginLeft: rem(left), width: rem(whole.width) }}>
        <div
          class="run-brush-strip"
          ref={strip}
          onPointerDown={down}
          onPointerMove={move}
          onPointerUp={up}
          onPointerCancel={cancel}
        >
          <svg
            class="run-brush-marks"
            viewBox={`0 0 ${whole.width} ${BRUSH_HEIGHT}`}
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            {props.children}
          </svg>
          <span class="run-brush-veil" style={{ left: 0, width: rem(from) }} />
          <span class="run-brush-veil" style={{ left: rem(to), right: 0 }} />
          <span class="run-brush-window" style={{ left: rem(from), width: rem(Math.max(2, to - from)) }} />
          <Edge {...props} which="from" at={[from, to]} />
          <Edge {...props} which="to" at={[from, to]} />
        </div>
      </div>
    </div>
  );
}

export const BRUSH_HEIGHT = 33;

/** One edge of the view: the arrows move it, with Shift farther. */
function Edge(props: { time: Folded; write: (time: number) => string; which: "from" | "to"; at: [number, number] }) {
  const { whole, view, changing, show, keep } = props.time;
  const [from, to] = props.at;
  const own = props.which === "from" ? from : to;
  const pressed = (event: KeyboardEvent) => {
    const by = stepOf(event, whole.width);
    if (by === null) return;
    event.preventDefault();
    const apart = Math.min(2, to - from);
    if (props.which === "from") show(between(whole, limit(from + by, 0, to - apart), to));
    else show(between(whole, from, limit(to + by, from + apart, whole.width)));
  };
  const released = () => {
    if (changing) keep(to - from >= whole.width - 1 ? null : view, "replace");
  };
  return (
    <span
      class="run-brush-edge"
      role="slider"
      tabIndex={0}
      aria-label={props.which === "from" ? "Begin of what is shown" : "End of what is shown"}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round((100 * own) / whole.width)}
      aria-valuetext={props.write(view ? view[props.which] : end(whole, props.which))}
      style={{ left: rem(own) }}
      onKeyDown={pressed}
      onKeyUp={released}
      onBlur={released}
    />
  );
}

function end(whole: Scale, which: "from" | "to"): number {
  const part = which === "from" ? whole.parts[0] : whole.parts[whole.parts.length - 1];
  return part ? part[which] : 0;
}

function limit(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function stepOf(event: KeyboardEvent, width: number): number | null {
  const step = width * (event.shiftKey ? 0.1 : 0.01);
  const steps: Record<string, number> = {
    ArrowLeft: -step,
    ArrowDown: -step,
    ArrowRight: step,
    ArrowUp: step,
    Home: -width,
    End: width,
  };
  return steps[event.key] ?? null;
}

function Buttons({ time: { whole, scale, view, keep } }: { time: Folded }) {
  return (
    <div class="run-brush-buttons">
      <button type="button" aria-label="Show earlier" disabled={!view} onClick={() => view && keep(beside(whole, view, -0.5))}>
        ◀
      </button>
      <button type="button" aria-label="Show less time" onClick={() => keep(nearer(scale))}>
        +
      </button>
      <button type="button" aria-label="Show more time" disabled={!view} onClick={() => view && keep(farther(whole, view))}>
        −
      </button>
      <button type="button" aria-label="Show later" disabled={!view} onClick={() => view && keep(beside(whole, view, 0.5))}>
        ▶
      </button>
      <button type="button" disabled={!view} onClick={() => keep(null)}>
        All
      </button>
    </div>
  );
}
