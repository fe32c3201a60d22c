// Numbers and times for people.

const whole = new Intl.NumberFormat("en");

export function count(value: number | bigint): string {
  return whole.format(value);
}

/** Reads an offset as people write it, and as it is shown: `13245`, `13,245`, `#13,245`. Answers its digits alone. */
export function offsetIn(text: string): string | null {
  const [, digits] = /^#?(\d+|\d{1,3}(?:,\d{3})+)$/.exec(text.trim()) ?? [];
  return digits?.replaceAll(",", "") ?? null;
}

/** `1.2 k`, `3.4 M`: where there is little room. */
export function brief(value: number): string {
  if (Math.abs(value) < 1_000) return Number.isInteger(value) ? String(value) : value.toPrecision(3);
  for (const [size, sign] of [[1e12, "T"], [1e9, "G"], [1e6, "M"]] as const) {
    if (Math.abs(value) >= size * 0.9995) return `${trimmed(value / size)} ${sign}`;
  }
  return `${trimmed(value / 1_000)} k`;
}

function trimmed(value: number): string {
  return value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

export function bytes(value: number): string {
  if (value < 1_024) return `${value} B`;
  for (const [size, sign] of [[2 ** 40, "TiB"], [2 ** 30, "GiB"], [2 ** 20, "MiB"]] as const) {
    if (value >= size) return `${trimmed(value / size)} ${sign}`;
  }
  return `${trimmed(value / 1_024)} KiB`;
}

/** A span of milliseconds: `850 µs`, `12 ms`, `3.4 s`, `2 min 5 s`, `3 h 12 min`, `2 d 4 h`. */
export function duration(ms: number): string {
  if (ms < 0) return `-${duration(-ms)}`;
  if (ms === 0) return "0 ms";
  if (ms < 1) return `${Math.round(ms * 1_000)} µs`;
  if (ms < 1_000) return `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(ms < 10_000 ? 2 : 1))} s`;
  const [large, small, per]: [string, string, number] =
    ms < 3_600_000 ? ["min", "s", 1_000] : ms < 86_400_000 ? ["h", "min", 60_000] : ["d", "h", 3_600_000];
  const steps = Math.round(ms / per);
  const of = large === "d" ? 24 : 60;
  const rest = steps % of;
  return `${Math.floor(steps / of)} ${large}${rest ? ` ${rest} ${small}` : ""}`;
}

/** How long ago a time was: `12 s ago`, `in 3 min`. */
export function ago(time: number, now: number = Date.now()): string {
  const past = now - time;
  if (Math.abs(past) < 1_000) return "now";
  const rough = duration(roughly(Math.abs(past)));
  return past > 0 ? `${rough} ago` : `in ${rough}`;
}

function roughly(ms: number): number {
  const unit = ms < 60_000 ? 1_000 : ms < 3_600_000 ? 60_000 : ms < 86_400_000 ? 3_600_000 : 86_400_000;
  return Math.floor(ms / unit) * unit;
}

/** A time as the ledger writes it, in milliseconds of this machine's clock. */
export function millis(time: string): number {
  return Date.parse(time);
}

/** Two digits of a date or a clock. */
export const two = (value: number) => String(value).padStart(2, "0");

/** A time in the viewer's zone: the clock alone today, the date before it on other days. */
export function local(time: string | number, now: number = Date.now()): string {
  const date = new Date(time);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return date.toDateString() === new Date(now).toDateString() ? clock : `${day(date)} ${clock}`;
}

export function day(time: string | number | Date): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function percent(part: number): string {
  return `${Number((part * 100).toFixed(part > 0.995 && part < 1 ? 2 : 1))} %`;
}
