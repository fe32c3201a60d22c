// Where the days lead: the straight line through them, and how far off a day to come may be.
import type { Answer } from "../../lib/api.ts";

export type Capacity = Answer<"/api/v1/operations/capacity">;

export interface Drawn {
  at: string[];
  /** What each day had. */
  had: (number | null)[];
  /** What is expected of the days to come; it begins at the last day that was. */
  expected: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
}

const DAY = 86_400_000;

/**
 * Draws the numbers of some days, and what is expected of as many as the forecast has. `error` is how far off the sum of those
 * may be, as the server says; from it follows how far off each of them may be, since both come from the same straight line.
 */
export function draw(days: readonly { day: string; value: number }[], ahead: number, error: number): Drawn {
  const count = days.length;
  const middle = (count - 1) / 2;
  const mean = days.reduce((sum, { value }) => sum + value, 0) / count;
  const spread = days.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
  const slope = days.reduce((sum, { value }, at) => sum + (at - middle) * (value - mean), 0) / spread;
  const away = count + (ahead - 1) / 2 - middle;
  const ofSum = Math.sqrt(ahead + ahead ** 2 * (1 / count + away ** 2 / spread));
  const last = days[count - 1]!;
  const drawn: Drawn = {
    at: days.map(({ day }) => day),
    had: days.map(({ value }) => value),
    expected: days.map((_, at) => (at === count - 1 ? last.value : null)),
    low: days.map((_, at) => (at === count - 1 ? last.value : null)),
    high: days.map((_, at) => (at === count - 1 ? last.value : null)),
  };
  for (let day = 0; day < ahead; day++) {
    const expected = mean + slope * (count + day - middle);
    const off = (error / ofSum) * Math.sqrt(1 + 1 / count + (count + day - middle) ** 2 / spread);
    drawn.at.push(new Date(Date.parse(last.day) + (day + 1) * DAY).toISOString());
    drawn.had.push(null);
    drawn.expected.push(Math.max(0, expected));
    drawn.low.push(Math.max(0, expected - off));
    drawn.high.push(Math.max(0, expected + off));
  }
  return drawn;
}
