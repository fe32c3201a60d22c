// Long tables: only what can be seen is in the page, however many rows there are.
import type { ComponentChildren, RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { rem, useZoom } from "./zoom.ts";

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
/** The height of a row, in pixels of a usual screen. */
const ROW = 30;
const SPARE = 12;
/** With how many rows left below what is seen more are asked for: a page is read while these are scrolled through. */
const AHEAD = 100;

/** Which part of what a box scrolls is seen. */
function useSeen(): [RefObject<HTMLDivElement | null>, { top: number; height: number }] {
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
  return [frame, seen];
}

interface Long<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string | number;
  link: (row: T) => string;
  class?: (row: T) => string;
  /** Called when few rows are left below what is seen, unless there is no more. */
  more?: () => void;
  foot?: ComponentChildren;
}

/** A table of any number of rows of one height, which asks for more when its end comes near. */
export function LongTable<T>(props: Long<T>) {
  const [frame, seen] = useSeen();
  const height = ROW * useZoom();
  const first = Math.max(0, Math.floor(seen.top / height) - SPARE);
  const last = Math.min(props.rows.length, Math.ceil((seen.top + seen.height) / height) + SPARE);
  const near = props.rows.length - last < AHEAD;
  useLayoutEffect(() => {
    if (near) props.more?.();
  }, [near, props.rows.length, props.more]);
  const narrow = useNarrow();
  const columns = props.columns.filter((column) => !(narrow && column.wide));
  const grid = { gridTemplateColumns: columns.map((column) => column.width ?? "minmax(6rem, 1fr)").join(" ") };
  // The table is within what scrolls, so that its head moves sideways with its rows. Between its roles nothing takes the focus.
  return (
    <div class="long">
      <div class="long-scroll" ref={frame} tabIndex={-1}>
        <div class="long-table" role="table" aria-label={props.label} aria-rowcount={props.rows.length + 1}>
          <div class="long-head" role="rowgroup">
            <div role="row" class="long-row" style={grid} aria-rowindex={1}>
              {columns.map((column) => (
                <span key={column.key} role="columnheader" class={classOf(column)}>
                  {column.title}
                </span>
              ))}
            </div>
          </div>
          <div class="long-body" role="rowgroup" style={{ height: rem(props.rows.length * ROW) }}>
            {props.rows.slice(first, last).map((row, at) => (
              <LongRow key={props.keyOf(row)} of={props} row={row} at={first + at} columns={columns} grid={grid} />
            ))}
          </div>
        </div>
      </div>
      {props.foot && <div class="long-foot">{props.foot}</div>}
    </div>
  );
}

function LongRow<T>(props: { of: Long<T>; row: T; at: number; columns: readonly Column<T>[]; grid: object }) {
  const { of, row, at, columns, grid } = props;
  return (
    <div role="row" aria-rowindex={at + 2} class={`long-row ${of.class?.(row) ?? ""}`} style={{ ...grid, top: rem(at * ROW) }}>
      {columns.map((column, place) => (
        <span key={column.key} role="cell" class={classOf(column)}>
          {place === 0 ? (
            <a data-row href={of.link(row)}>
              {column.cell(row)}
            </a>
          ) : (
            column.cell(row)
          )}
        </span>
      ))}
    </div>
  );
}
