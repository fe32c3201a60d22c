// Which events of one run answer to which of another.

/** What is compared: events of the same key may answer to each other, sooner those about the same, and those of the same turn. */
export interface Step {
  key: string;
  about: string;
  turn: number;
}

/** A place in the one and a place in the other; nothing where only one has such an event. */
export type Aligned = [number | null, number | null];

/** Outweighs all turns that can be the same. */
const SAME_KEY = 4_096;
/** Outweighs an event on each side that is left alone for it. */
const SAME_ABOUT = 3 * SAME_KEY;

/**
 * The longest common subsequence of keys, in which those that are about the same count more; and among the best one with the most
 * turns that are the same. It takes time and memory by the product of both lengths: callers bound them.
 */
export function align(a: readonly Step[], b: readonly Step[]): Aligned[] {
  const same = (i: number, j: number) => a[i]!.key === b[j]!.key && a[i]!.about === b[j]!.about && a[i]!.turn === b[j]!.turn;
  const short = Math.min(a.length, b.length);
  let head = 0;
  while (head < short && same(head, head)) head++;
  let tail = 0;
  while (tail < short - head && same(a.length - 1 - tail, b.length - 1 - tail)) tail++;
  const aligned: Aligned[] = [];
  for (let at = 0; at < head; at++) aligned.push([at, at]);
  for (const [i, j] of walk(a.slice(head, a.length - tail), b.slice(head, b.length - tail))) {
    aligned.push([i === null ? null : i + head, j === null ? null : j + head]);
  }
  for (let at = tail; at > 0; at--) aligned.push([a.length - at, b.length - at]);
  return aligned;
}

/** Goes along the best alignment: what only `a` has comes before what only `b` has. */
function walk(a: readonly Step[], b: readonly Step[]): Aligned[] {
  const { best, weight } = weigh(a, b);
  const wide = b.length + 1;
  const steps: Aligned[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const here = best[i * wide + j]!;
    const both = weight(i, j);
    if (both > 0 && here === both + best[(i + 1) * wide + j + 1]!) steps.push([i++, j++]);
    else if (here === best[(i + 1) * wide + j]!) steps.push([i++, null]);
    else steps.push([null, j++]);
  }
  while (i < a.length) steps.push([i++, null]);
  while (j < b.length) steps.push([null, j++]);
  return steps;
}

/** How much can be aligned from each pair of places on. */
function weigh(a: readonly Step[], b: readonly Step[]) {
  const keys = new Map<string, number>();
  const numbered = (steps: readonly Step[]) =>
    Int32Array.from(steps, ({ key }) => {
      if (!keys.has(key)) keys.set(key, keys.size);
      return keys.get(key)!;
    });
  const [left, right] = [numbered(a), numbered(b)];
  const weight = (i: number, j: number) => {
    if (left[i] !== right[j]) return 0;
    const [one, other] = [a[i]!, b[j]!];
    return SAME_KEY + (one.about === other.about ? SAME_ABOUT : 0) + (one.turn === other.turn ? 1 : 0);
  };
  const wide = b.length + 1;
  const best = new Uint32Array((a.length + 1) * wide);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * wide + j;
      const both = weight(i, j);
      const skip = Math.max(best[at + wide]!, best[at + 1]!);
      best[at] = both > 0 ? Math.max(skip, both + best[at + wide + 1]!) : skip;
    }
  }
  return { best, weight };
}

/** Two places whose events answer to each other though others between them do not: they came in another order. */
export interface Placed {
  pair: Aligned;
  isMoved: boolean;
}

/**
 * Joins what only one has with what only the other has, of the same key, sooner when it is about the same. It stands where `a`
 * has it.
 */
export function joinMoved(aligned: readonly Aligned[], a: readonly Step[], b: readonly Step[]): Placed[] {
  const left = new Map<string, number[]>();
  for (const [i, j] of aligned) if (i === null && j !== null) left.set(b[j]!.key, [...(left.get(b[j]!.key) ?? []), j]);
  const partners = new Map<number, number>();
  const alone = aligned.flatMap(([i, j]) => (i !== null && j === null ? i : []));
  const join = (fits: (i: number, j: number) => boolean) => {
    for (const i of alone) {
      const free = left.get(a[i]!.key);
      const at = partners.has(i) ? -1 : (free?.findIndex((j) => fits(i, j)) ?? -1);
      if (at >= 0) partners.set(i, free!.splice(at, 1)[0]!);
    }
  };
  join((i, j) => a[i]!.about === b[j]!.about && a[i]!.turn === b[j]!.turn);
  join((i, j) => a[i]!.about === b[j]!.about);
  join(() => true);
  const moved = new Set(partners.values());
  return aligned
    .filter(([i, j]) => i !== null || !moved.has(j!))
    .map(([i, j]) => {
      const partner = i !== null && j === null ? partners.get(i) : undefined;
      return partner === undefined ? { pair: [i, j], isMoved: false } : { pair: [i, partner], isMoved: true };
    });
}
