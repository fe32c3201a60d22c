// Small charts in SVG. Each has its numbers as text for those who do not see it.
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { rem, useZoom } from "./zoom.ts";

export interface Line {
  name: string;
  values: readonly (number | null)[];
  class?: string;
}

/** Between which values a line may lie. */
export interface Band {
  name: string;
  low: readonly (number | null)[];
  high: readonly (number | null)[];
}

/** The width that an element has now in pixels of a usual screen, and how much larger than those what is drawn has to be. */
export function useWidth<E extends Element>(least: number): [RefObject<E | null>, number, number] {
  const box = useRef<E>(null);
  const [width, setWidth] = useState(least);
  const zoom = useZoom();
  useLayoutEffect(() => {
    const look = () => setWidth(box.current?.clientWidth ?? 0);
    look();
    const sizes = new ResizeObserver(look);
    sizes.observe(box.current!);
    return () => sizes.disconnect();
  }, []);
  return [box, Math.max(least, width / zoom), zoom];
}

/** A line as small as a word. */
export function Spark({ values, label }: { values: readonly (number | null)[]; label: string }) {
  const [width, height] = [120, 28];
  const most = Math.max(0, ...values.map((value) => value ?? 0)) || 1;
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${width} ${height}`}
      style={{ width: rem(width), height: rem(height) }}
      role="img"
      aria-label={label}
    >
      <path stroke-linecap="round" d={path(values, width, height - 2, most)} />
    </svg>
  );
}

/** The path of a line from left to right; it breaks where there is no value, and a value alone is a dot. */
export function path(values: readonly (number | null)[], width: number, height: number, most: number): string {
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let pen = "M";
  let text = "";
  values.forEach((value, at) => {
    if (value === null) {
      pen = "M";
      return;
    }
    const alone = pen === "M" && (values[at + 1] ?? null) === null;
    text += `${pen}${(at * step).toFixed(1)} ${(height + 1 - (value / most) * height).toFixed(1)}${alone ? "h0" : ""}`;
    pen = "L";
  });
  return text;
}

/** The values that have none beside them: a line does not show them. */
function alone(values: readonly (number | null)[]): (number | null)[] {
  return values.map((value, at) => ((values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null ? value : null));
}

/** Rounds up to 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}

interface Scale {
  /** The values that are written beside it, the lowest first. */
  marks: number[];
  /** Where a value is between foot and top, from 0 to 1. */
  part: (value: number) => number;
}

function scaleOf(values: number[], how: "linear" | "log"): Scale {
  const some = values.filter((value) => value > 0);
  if (how === "linear" || some.length === 0) {
    const most = roundUp(Math.max(0, ...some));
    return { marks: [0, most / 2, most], part: (value) => value / most };
  }
  const least = Math.floor(Math.log10(Math.min(...some)));
  const powers = Math.max(1, Math.ceil(Math.log10(Math.max(...some))) - least);
  const every = Math.ceil(powers / 5);
  const marks = Array.from({ length: Math.floor(powers / every) + 1 }, (_, at) => 10 ** (least + at * every));
  return { marks, part: (value) => (value > 0 ? Math.max(0, (Math.log10(value) - least) / powers) : 0) };
}

export interface ChartProps {
  label: string;
  at: readonly string[];
  lines: readonly Line[];
  band?: Band;
  scale?: "linear" | "log";
  write: (value: number) => string;
  /** How values are written beside the scale, where that is shorter. */
  writeMark?: (value: number) => string;
  writeAt: (at: string) => string;
  height?: number;
  pick?: (place: number) => void;
}

/** How much of a chart its scales take. */
export const MARGIN = { left: 56, right: 8, top: 6, below: 20 };
// Lines differ by more than their colours.
const DASHES = [undefined, "7 3", "2 4", "9 3 2 3"];

/** Lines over time, with a scale; the pointer shows the values at a place. */
export function Chart(props: ChartProps) {
  const [box, width, zoom] = useWidth<HTMLElement>(200);
  const [over, setOver] = useState<number | null>(null);
  const height = props.height ?? 140;
  const all = [...props.lines.map((line) => line.values), ...(props.band ? [props.band.low, props.band.high] : [])];
  const scale = scaleOf(all.flat().map((value) => value ?? 0), props.scale ?? "linear");
  const inner = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.below - MARGIN.top };
  const step = props.at.length > 1 ? inner.width / (props.at.length - 1) : 0;
  const parts = (values: readonly (number | null)[]) => values.map((value) => (value === null ? null : scale.part(value)));
  const drawn = (values: readonly (number | null)[]) => path(parts(values), inner.width, inner.height, 1);
  const placeOf = (event: MouseEvent) => {
    const x = (event.clientX - (event.currentTarget as Element).getBoundingClientRect().left) / zoom - MARGIN.left;
    return Math.min(props.at.length - 1, Math.max(0, Math.round(x / (step || 1))));
  };
  const shown = over !== null && over < props.at.length ? over : null;
  return (
    <figure class={`chart ${props.pick ? "picks" : ""}`} ref={box}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width={width * zoom}
        height={height * zoom}
        role="img"
        aria-label={props.label}
        onMouseMove={(event) => setOver(placeOf(event))}
        onMouseLeave={() => setOver(null)}
        onClick={(event) => props.pick?.(placeOf(event))}
      >
        <Marks scale={scale} width={width} height={inner.height} write={props.writeMark ?? props.write} />
        <TimeMarks at={props.at} width={width} height={height} writeAt={props.writeAt} />
        <g transform={`translate(${MARGIN.left} ${MARGIN.top - 1})`}>
          {props.band && <path class="band" d={area(parts(props.band.low), parts(props.band.high), inner)} />}
          {props.lines.map((line, at) => (
            <g key={line.name} stroke-linecap="round">
              <path class={`line line-${at} ${line.class ?? ""}`} stroke-dasharray={DASHES[at]} d={drawn(line.values)} />
              <path class={`line line-${at} dots`} d={drawn(alone(line.values))} />
            </g>
          ))}
          {shown !== null && <line class="over" x1={shown * step} x2={shown * step} y1={0} y2={inner.height} />}
        </g>
      </svg>
      <Keys {...props} over={shown} />
      <Numbers {...props} />
    </figure>
  );
}

function Marks(props: { scale: Scale; width: number; height: number; write: (value: number) => string }) {
  return (
    <>
      {props.scale.marks.map((mark) => {
        const y = MARGIN.top + props.height * (1 - props.scale.part(mark));
        return (
          <g key={mark} class="scale">
            <line x1={MARGIN.left} x2={props.width - MARGIN.right} y1={y} y2={y} />
            <text x={MARGIN.left - 6} y={y + 4} text-anchor="end">
              {props.write(mark)}
            </text>
          </g>
        );
      })}
    </>
  );
}

/** As many times below a chart as there is room for. */
export function TimeMarks(props: {
  at: readonly string[];
  width: number;
  height: number;
  writeAt: (at: string) => string;
}) {
  const last = props.at.length - 1;
  const inner = props.width - MARGIN.left - MARGIN.right;
  const most = Math.min(last, Math.max(1, Math.floor(inner / 140)));
  const places = last < 1 ? [0] : Array.from({ length: most + 1 }, (_, at) => Math.round((at * last) / most));
  return (
    <g class="scale">
      {props.at.length > 0 &&
        places.map((place) => (
          <text
            key={place}
            x={MARGIN.left + (last ? (inner * place) / last : 0)}
            y={props.height - 4}
            text-anchor={place === 0 ? "start" : place === last ? "end" : "middle"}
          >
            {props.writeAt(props.at[place]!)}
          </text>
        ))}
    </g>
  );
}

function area(
  low: readonly (number | null)[],
  high: readonly (number | null)[],
  inner: { width: number; height: number },
): string {
  const step = high.length > 1 ? inner.width / (high.length - 1) : 0;
  const points = (values: readonly (number | null)[]) =>
    values.flatMap((value, at) =>
      value === null ? [] : [`${(at * step).toFixed(1)} ${(inner.height + 1 - value * inner.height).toFixed(1)}`],
    );
  const around = [...points(high), ...points(low).reverse()];
  return around.length > 2 ? `M${around.join("L")}Z` : "";
}

function between({ low, high }: Band, place: number, write: (value: number) => string): string {
  const [least, most] = [low[place] ?? null, high[place] ?? null];
  return least === null || most === null ? "" : `${write(least)} to ${write(most)}`;
}

function Keys(props: ChartProps & { over: number | null }) {
  const { over, band } = props;
  const value = (place: number, values: Line["values"]) => (values[place] == null ? "none" : props.write(values[place]!));
  return (
    <figcaption>
      {props.lines.map((line, at) => (
        <span key={line.name} class={`key key-${at} ${line.class ?? ""}`}>
          {line.name}
          {over !== null && `: ${value(over, line.values)}`}
        </span>
      ))}
      {band && (
        <span class="key key-band">
          {band.name}
          {over !== null && between(band, over, props.write) && `: ${between(band, over, props.write)}`}
        </span>
      )}
      {over !== null && <span class="quiet">{props.writeAt(props.at[over]!)}</span>}
    </figcaption>
  );
}

function Numbers(props: ChartProps) {
  const { band } = props;
  return (
    <div class="unseen">
      <table>
        <caption>{props.label}</caption>
        <thead>
          <tr>
            <th scope="col">from</th>
            {props.lines.map((line) => (
              <th key={line.name} scope="col">
                {line.name}
              </th>
            ))}
            {band && <th scope="col">{band.name}</th>}
          </tr>
        </thead>
        <tbody>
          {props.at.map((at, place) => (
            <tr key={at}>
              <th scope="row">{props.writeAt(at)}</th>
              {props.lines.map((line) => (
                <td key={line.name}>{line.values[place] == null ? "" : props.write(line.values[place]!)}</td>
              ))}
              {band && <td>{between(band, place, props.write)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
