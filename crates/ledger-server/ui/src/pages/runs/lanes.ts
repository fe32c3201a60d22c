// Which lane each of some bars takes, so that none hides another.

export interface Placed {
  x: number;
  width: number;
}

/** The lane of each bar: the first that is free from where the bar begins. */
export function lanesOf(bars: readonly Placed[], apart: number): number[] {
  const order = bars.map((_, at) => at).sort((a, b) => bars[a]!.x - bars[b]!.x || a - b);
  const lanes = new Array<number>(bars.length).fill(0);
  const ends: number[] = [];
  for (const at of order) {
    const { x, width } = bars[at]!;
    let lane = ends.findIndex((end) => end <= x);
    if (lane < 0) lane = ends.length;
    ends[lane] = x + width + apart;
    lanes[at] = lane;
  }
  return lanes;
}

/** Marks that would lie on each other. */
export interface Cluster<T> {
  x: number;
  of: T[];
}

/** Puts marks together that would lie on each other: several take more room than one. They come in the order of their places. */
export function clusters<T>(marks: readonly { x: number; of: T }[], one: number, several: number): Cluster<T>[] {
  const found: Cluster<T>[] = [];
  for (const mark of marks) {
    const last = found[found.length - 1];
    if (last && mark.x - last.x < (last.of.length > 1 ? several : one)) last.of.push(mark.of);
    else found.push({ x: mark.x, of: [mark.of] });
  }
  return found;
}
