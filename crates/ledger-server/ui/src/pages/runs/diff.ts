// What differs between two payloads, by path.

/** A path at which two values differ; undefined is where one has nothing. */
export interface Difference {
  path: string;
  a: unknown;
  b: unknown;
}

/** Deeper than this, values are compared as a whole. */
const DEPTH = 4;
/** The most differences of a pair that are found. */
export const MOST = 50;

/** Says whether two values that are no objects or lists mean the same. */
export type Alike = (a: unknown, b: unknown) => boolean;

/** Where two values differ; the names in `but` are left out at the top. */
export function differences(a: unknown, b: unknown, alike: Alike, but: ReadonlySet<string> = new Set()): Difference[] {
  const found: Difference[] = [];
  compare("", a, b, 0);
  return found;

  function compare(path: string, a: unknown, b: unknown, depth: number): void {
    if (found.length >= MOST) return;
    if (depth < DEPTH && isObject(a) && isObject(b)) {
      for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
        if (depth === 0 && but.has(name)) continue;
        compare(path === "" ? name : `${path}.${name}`, own(a, name), own(b, name), depth + 1);
      }
    } else if (depth < DEPTH && Array.isArray(a) && Array.isArray(b)) {
      for (let at = 0; at < Math.max(a.length, b.length); at++) compare(`${path}[${at}]`, a[at], b[at], depth + 1);
    } else if (!alike(a, b)) {
      found.push({ path, a, b });
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function own(value: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Takes values for the same when they differ only in the name of their run. A very short name could be anything. */
export function butForRuns(a: string, b: string): Alike {
  const without = (value: unknown, run: string) => {
    const text = JSON.stringify(value);
    return text === undefined || run.length < 3 ? text : text.replaceAll(JSON.stringify(run).slice(1, -1), "\u0000");
  };
  return (one, other) => JSON.stringify(one) === JSON.stringify(other) || without(one, a) === without(other, b);
}
