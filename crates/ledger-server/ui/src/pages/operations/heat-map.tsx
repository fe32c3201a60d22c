// How long operations took over time, as a picture: many that took about as long make a dark field.
import { useMemo, useState } from "preact/hooks";
import { count } from "../../lib/format.ts";
import { change, here } from "../../lib/router.ts";
import { MARGIN, TimeMarks, useWidth } from "../../parts/chart.tsx";
import { Time } from "../../parts/time.tsx";
import { writeAt, writeMark } from "./asked.ts";
import { type Cell, type Heat, type Stats, commandsText, heatOf, legendOf, narrowed, shadeOf, tookText } from "./heat.ts";

const ROW = 14;
/** The most lines of the table; the page is narrowed to see others. */
const MOST = 200;

export function HeatMap({ stats, only, span }: { stats: Stats; only: string | null; span: number }) {
  const heat = useMemo(() => heatOf(stats, only), [stats, only]);
  const [over, setOver] = useState<Cell | null>(null);
  if (heat.cells.length === 0) return <p class="quiet">Nothing to draw: no operation ended here.</p>;
  return (
    <figure class="heat">
      <Picture heat={heat} span={span} over={over} look={setOver} />
      <figcaption>
        <p class="heat-told">
          {over ? (
            <>
              {writeAt(heat.times[over.column]!, span)} to {writeAt(heat.times[over.column + 1]!, span)}:{" "}
              <strong>{count(over.count)}</strong> took {tookText(heat, over)} ({commandsText(over)})
            </>
          ) : (
            "Each field: how many ended then and took so long. Click one to see only those and the slower ones of that time."
          )}
        </p>
        <p class="heat-legend">
          {legendOf(heat.most).map(({ shade, text }) => (
            <span key={shade}>
              <svg viewBox="0 0 14 14" aria-hidden="true">
                <rect width="14" height="14" class={`heat-${shade}`} />
              </svg>{" "}
              {text}
            </span>
          ))}
        </p>
      </figcaption>
      <Cells heat={heat} />
    </figure>
  );
}

function Picture(props: { heat: Heat; span: number; over: Cell | null; look: (cell: Cell | null) => void }) {
  const { heat, over } = props;
  const [box, width, zoom] = useWidth<HTMLDivElement>(200);
  const rows = heat.durations.length - 1;
  const columns = heat.times.length - 1;
  const height = rows * ROW + MARGIN.top + MARGIN.below;
  const step = (width - MARGIN.left - MARGIN.right) / columns;
  const places = useMemo(() => new Map(heat.cells.map((cell) => [`${cell.column} ${cell.row}`, cell])), [heat]);
  const cellOf = (event: MouseEvent): Cell | null => {
    const frame = (event.currentTarget as Element).getBoundingClientRect();
    const column = Math.floor(((event.clientX - frame.left) / zoom - MARGIN.left) / step);
    const row = rows - 1 - Math.floor(((event.clientY - frame.top) / zoom - MARGIN.top) / ROW);
    return places.get(`${column} ${row}`) ?? null;
  };
  const x = (cell: Cell) => MARGIN.left + cell.column * step;
  const y = (cell: Cell) => MARGIN.top + (rows - 1 - cell.row) * ROW;
  return (
    <div ref={box}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width={width * zoom}
        height={height * zoom}
        role="img"
        aria-label="How long operations took over time, by how many they were; the same is below as a table"
        class={over ? "heat-over" : ""}
        onMouseMove={(event) => props.look(cellOf(event))}
        onMouseLeave={() => props.look(null)}
        onClick={(event) => {
          const cell = cellOf(event);
          if (cell) change(narrowed(heat, cell));
        }}
      >
        <DurationMarks durations={heat.durations} width={width} />
        {heat.cells.map((cell) => (
          <rect
            key={`${cell.column} ${cell.row}`}
            class={`heat-${shadeOf(cell.count, heat.most)}`}
            x={x(cell)}
            y={y(cell)}
            width={Math.max(1, step - 0.5)}
            height={ROW - 1}
          />
        ))}
        {over && over.column < columns && (
          <rect class="heat-frame" x={x(over) - 0.5} y={y(over) - 0.5} width={step + 0.5} height={ROW} />
        )}
        <TimeMarks at={heat.times} width={width} height={height} writeAt={(at) => writeAt(at, props.span)} />
      </svg>
    </div>
  );
}

/** Names the durations beside the rows: the powers of ten, or each where they are few. */
function DurationMarks({ durations, width }: { durations: number[]; width: number }) {
  const rows = durations.length - 1;
  const named = (ms: number) => rows < 6 || ms === 0 || Number.isInteger(Number(Math.log10(ms).toFixed(6)));
  return (
    <>
      {durations.map((ms, at) => {
        const y = MARGIN.top + (rows - at) * ROW;
        return (
          named(ms) && (
            <g key={ms} class="scale">
              <line x1={MARGIN.left} x2={width - MARGIN.right} y1={y} y2={y} />
              <text x={MARGIN.left - 6} y={y + 4} text-anchor="end">
                {writeMark(ms)}
              </text>
            </g>
          )
        );
      })}
    </>
  );
}

/** The same as a table, once it is asked for: for the keyboard, and for those who do not see the picture. */
function Cells({ heat }: { heat: Heat }) {
  const [open, setOpen] = useState(false);
  const slowest = useMemo(() => [...heat.cells].sort((one, other) => other.row - one.row || one.column - other.column), [heat]);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>As a table</summary>
      {open && (
        <div class="scroll op-table">
          <table>
            <caption>
              {slowest.length > MOST ? `The ${MOST} slowest of ${count(slowest.length)} fields` : "All fields, the slowest first"}
            </caption>
            <thead>
              <tr>
                <th scope="col">took</th>
                <th scope="col">from</th>
                <th scope="col" class="number">
                  operations
                </th>
                <th scope="col">commands</th>
              </tr>
            </thead>
            <tbody>
              {slowest.slice(0, MOST).map((cell) => (
                <tr key={`${cell.column} ${cell.row}`}>
                  <td>
                    <a href={here(narrowed(heat, cell))}>{tookText(heat, cell)}</a>
                  </td>
                  <td>
                    <Time at={heat.times[cell.column]!} />
                  </td>
                  <td class="number">{count(cell.count)}</td>
                  <td>{commandsText(cell)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
