// What differs between two payloads, by path. It goes by their texts: once parsed, large numbers that differ may be the same.
import { type Piece, named, sortOf, source, written } from "../../lib/json.ts";

/** A path at which two values differ; undefined is where one has nothing. */
export interface Difference {
  path: string;
  a: Piece | undefined;
  b: Piece | undefined;
}

/** Deeper than this, values are compared as a whole. */
const DEPTH = 4;
/** The most differences of a pair that are found. */
export const MOST = 50;

/** Says whether two values mean the same. */
export type Alike = (a: Piece, b: Piece) => boolean;

/** Where two values differ; the names in `but` are left out at the top. */
export function differences(a: Piece, b: Piece, alike: Alike, but: ReadonlySet<string> = new Set()): Difference[] {
  const found: Difference[] = [];
  compare("", a, b, 0);
  return found;

  function compare(path: string, a: Piece | undefined, b: Piece | undefined, depth: number): void {
    if (found.length >= MOST || (a && b && source(a) === source(b))) return;
    if (a && b && depth < DEPTH && bothNest(a, b)) {
      const [left, right] = [named(a), named(b)];
      for (const key of new Set([...left.keys(), ...right.keys()])) {
        if (depth === 0 && but.has(String(key))) continue;
        compare(below(path, key), left.get(key), right.get(key), depth + 1);
      }
    } else if (!a || !b || !alike(a, b)) {
      found.push({ path, a, b });
    }
  }
}

function bothNest(a: Piece, b: Piece): boolean {
  const sort = sortOf(a);
  return sort === sortOf(b) && (sort === "object" || sort === "array");
}

function below(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** The strings and the numbers of a JSON text. */
const LEAVES = /"(?:[^"\\]|\\.)*"|-?\d[-+.\deE]*/g;

/**
 * Takes values for the same when they differ only in the name of their run, within strings or as a whole number. A very short
 * name could be anything.
 */
export function butForRuns(a: string, b: string): Alike {
  const without = (text: string, run: string) => {
    if (run.length < 3) return text;
    const name = JSON.stringify(run).slice(1, -1);
    return text.replace(LEAVES, (leaf) => {
      if (leaf.startsWith('"')) return leaf.replaceAll(name, "\u0000");
      return leaf === run ? "\u0000" : leaf;
    });
  };
  return (one, other) => {
    // To write them in one way takes long: most are written so already.
    if (without(source(one), a) === without(source(other), b)) return true;
    const [left, right] = [written(one), written(other)];
    return left === right || without(left, a) === without(right, b);
  };
}
