// The cells of the heat map: how many operations ended in a part of the period and took about as long.
import type { Answer } from "../../lib/api.ts";
import { count } from "../../lib/format.ts";
import { writeMark } from "./asked.ts";

export type Stats = Answer<"/api/v1/operations/stats">;

export interface Cell {
  /** In which part of the period, from 0. */
  column: number;
  /** Which step of durations, from the shortest that is shown. */
  row: number;
  count: number;
  /** How many of each command, the most first. */
  commands: [string, number][];
}

export interface Heat {
  /** When each column begins, and when the last one ends. */
  times: string[];
  /** Where each row begins, in milliseconds, and where the last one ends. */
  durations: number[];
  cells: Cell[];
  most: number;
}

/** Which step of 1, 2 and 5 a duration begins, from 1 µs on; -1 below that. */
export function stepOf(ms: number): number {
  const micros = Math.round(ms * 1_000);
  if (micros < 1) return -1;
  const power = String(micros).length - 1;
  const lead = micros / 10 ** power;
  return 3 * power + (lead < 1.5 ? 0 : lead < 3.5 ? 1 : 2);
}

/** Where a step begins, in milliseconds. */
export function stepAt(step: number): number {
  return step < 0 ? 0 : ([1, 2, 5][step % 3]! * 10 ** Math.floor(step / 3)) / 1_000;
}

/** Makes the cells of all commands, or of one. */
export function heatOf(stats: Stats, only: string | null): Heat {
  const columns = new Map(stats.series.map((bucket, at) => [bucket.from, at]));
  const cells = new Map<string, Cell & { step: number }>();
  for (const { command, from, bins } of stats.heat ?? []) {
    const column = columns.get(from);
    if (column === undefined || (only !== null && command !== only)) continue;
    for (const bin of bins) {
      const step = stepOf(bin.from_ms);
      const key = `${column} ${step}`;
      const cell = cells.get(key) ?? { column, step, row: 0, count: 0, commands: [] };
      cell.count += bin.count;
      cell.commands.push([command, bin.count]);
      cells.set(key, cell);
    }
  }
  const all = [...cells.values()];
  const steps = all.map((cell) => cell.step);
  const [first, last] = all.length ? [Math.min(...steps), Math.max(...steps)] : [0, -1];
  for (const cell of all) {
    cell.row = cell.step - first;
    cell.commands.sort((one, other) => other[1] - one[1]);
  }
  return {
    times: [...stats.series.map((bucket) => bucket.from), stats.to],
    durations: Array.from({ length: last - first + 2 }, (_, at) => stepAt(first + at)),
    cells: all.sort((one, other) => one.column - other.column || one.row - other.row),
    most: Math.max(0, ...all.map((cell) => cell.count)),
  };
}

export const SHADES = 5;

/** Which shade shows a count, from 1: on a logarithmic scale, since few of many are what one looks for. */
export function shadeOf(amount: number, most: number): number {
  if (most <= 1) return SHADES;
  return Math.min(SHADES, 1 + Math.floor((SHADES * Math.log(amount)) / Math.log(most)));
}

/** What each shade stands for: from how many on, those that stand for any. */
export function legendOf(most: number): { shade: number; text: string }[] {
  const least = Array.from({ length: SHADES }, (_, at) => Math.ceil(most ** (at / SHADES) - 1e-9));
  const found = least.map((from, at) => ({ shade: at + 1, from, to: at + 1 < SHADES ? least[at + 1]! - 1 : most }));
  return found
    .filter(({ shade, from, to }) => from <= to && shadeOf(from, most) === shade)
    .map(({ shade, from, to }) => ({ shade, text: from === to ? count(from) : `${count(from)} to ${count(to)}` }));
}

/** What narrows the page to a cell. */
export function narrowed(heat: Heat, cell: Cell): Record<string, string | number | null> {
  return {
    from: heat.times[cell.column]!,
    to: heat.times[cell.column + 1]!,
    period: null,
    min_duration_ms: Math.floor(heat.durations[cell.row]!),
  };
}

/** How long the operations of a cell took. */
export function tookText(heat: Heat, cell: Cell): string {
  return `${writeMark(heat.durations[cell.row]!)} to ${writeMark(heat.durations[cell.row + 1]!)}`;
}

/** Of which commands the operations of a cell are. */
export function commandsText(cell: Cell): string {
  const told = cell.commands.slice(0, 3).map(([command, amount]) => `${command} ${count(amount)}`);
  return told.join(", ") + (cell.commands.length > 3 ? ", …" : "");
}
