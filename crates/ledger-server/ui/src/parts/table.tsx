// Long tables: only what can be seen is in the page, however many rows there are.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export interface Column<T> {
  key: string;
  title: ComponentChildren;
  cell: (row: T) => ComponentChildren;
  /** The width as CSS writes it for a grid; what is left over is shared, unless it is given. */
  width?: string;
  /** Numbers stand at the right. */
  number?: boolean;
  /** Left out where the screen is narrow. */
  wide?: boolean;
}

/** A table of some rows, all of them in the page. */
export function Table<T>(props: {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string | number;
  link?: (row: T) => string;
  class?: (row: T) => string;
}) {
  return (
    <div class="scroll">
      <table>
        <caption class="unseen">{props.label}</caption>
        <thead>
          <tr>
            {props.columns.map((column) => (
              <th key={column.key} scope="col" class={classOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={props.keyOf(row)} class={props.class?.(row)}>
              {props.columns.map((column, at) => (
                <td key={column.key} class={classOf(column)}>
                  {at === 0 && props.link ? (
                    <a data-row href={props.link(row)}>
                      {column.cell(row)}
                    </a>
                  ) : (
                    column.cell(row)
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function classOf(column: { number?: boolean; wide?: boolean }): string {
  return [column.number ? "number" : "", column.wide ? "wide" : ""].join(" ").trim();
}

/** Says whether the screen is narrow, and tells when that changes. */
export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => NARROW.matches);
  useLayoutEffect(() => {
    const look = () => setNarrow(NARROW.matches);
    NARROW.addEventListener("change", look);
    return () => NARROW.removeEventListener("change", look);
  }, []);
  return narrow;
}

const NARROW = matchMedia("(max-width: 44rem)");
const ROW = 30;
const SPARE = 12;

/** A table of any number of rows of one height, which asks for more when its end comes near. */
export function LongTable<T>(props: {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string | number;
  link: (row: T) => string;
  class?: (row: T) => string;
  /** Called when the last row comes near, unless there is no more. */
  more?: () => void;
  foot?: ComponentChildren;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 600 });
  useLayoutEffect(() => {
    const box = frame.current!;
    const look = () => setSeen({ top: box.scrollTop, height: box.clientHeight });
    look();
    box.addEventListener("scroll", look, { passive: true });
    const sizes = new ResizeObserver(look);
    sizes.observe(box);
    return () => {
      box.removeEventListener("scroll", look);
      sizes.disconnect();
    };
  }, []);
  const first = Math.max(0, Math.floor(seen.top / ROW) - SPARE);
  const last = Math.min(props.rows.length, Math.ceil((seen.top + seen.height) / ROW) + SPARE);
  const near = last >= props.rows.length - SPARE;
  useLayoutEffect(() => {
    if (near) props.more?.();
  }, [near, props.rows.length, props.more]);
  const narrow = useNarrow();
  const columns = props.columns.filter((column) => !(narrow && column.wide));
  const grid = { gridTemplateColumns: columns.map((column) => column.width ?? "minmax(6rem, 1fr)").join(" ") };
  return (
    <div class="long" role="table" aria-label={props.label} aria-rowcount={props.rows.length + 1}>
      <div class="long-head" role="rowgroup">
        <div role="row" class="long-row" style={grid} aria-rowindex={1}>
          {columns.map((column) => (
            <span key={column.key} role="columnheader" class={classOf(column)}>
              {column.title}
            </span>
          ))}
        </div>
      </div>
      <div class="long-body" ref={frame} role="rowgroup" tabIndex={-1}>
        <div role="presentation" style={{ height: `${props.rows.length * ROW}px`, position: "relative" }}>
          {props.rows.slice(first, last).map((row, at) => (
            <div
              key={props.keyOf(row)}
              role="row"
              aria-rowindex={first + at + 2}
              class={`long-row ${props.class?.(row) ?? ""}`}
              style={{ ...grid, position: "absolute", top: `${(first + at) * ROW}px`, height: `${ROW}px`, left: 0, right: 0 }}
            >
              {columns.map((column, place) => (
                <span key={column.key} role="cell" class={classOf(column)}>
                  {place === 0 ? (
                    <a data-row href={props.link(row)}>
                      {column.cell(row)}
                    </a>
                  ) : (
                    column.cell(row)
                  )}
                </span>
              ))}
            </div>
          ))}
        </div>
      </div>
      {props.foot && <div class="long-foot">{props.foot}</div>}
    </div>
  );
}
