// Times of the ledger have microseconds, which the clock of a browser leaves out.

/** From a time to another, in milliseconds. */
export interface Span {
  from: number;
  to: number;
}

/** A time in milliseconds, its microseconds behind the point. */
export function exact(time: string): number {
  const micros = /\.\d{3}(\d{1,3})/.exec(time)?.[1];
  return Date.parse(time) + (micros ? Number(micros.padEnd(3, "0")) / 1_000 : 0);
}

/** Writes such a time as the ledger does. */
export function stamp(ms: number): string {
  const whole = Math.floor(ms);
  const micros = Math.min(999, Math.round((ms - whole) * 1_000));
  return new Date(whole).toISOString().replace("Z", `${String(micros).padStart(3, "0")}Z`);
}

/** How long it took, in milliseconds. */
export function lengthOf(run: { first_at: string; last_at: string }): number {
  const { from, to } = spanOf(run);
  return to - from;
}

/** The span of what happened from one time to another. Callers' clocks differ: the later may come first. */
export function spanOf(run: { first_at: string; last_at: string }): Span {
  const [first, last] = [exact(run.first_at), exact(run.last_at)];
  return { from: Math.min(first, last), to: Math.max(first, last) };
}
