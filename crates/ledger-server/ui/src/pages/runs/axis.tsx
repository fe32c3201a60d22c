// An axis of time, with the length of what is cut out of it.
import { duration } from "../../lib/format.ts";
import { rem } from "../../parts/zoom.ts";
import { type Scale, cutsIn } from "./fold.ts";
import type { Tick } from "./ticks.ts";

/** What a length takes on the screen at most. */
const ROOM = 92;

/** The cuts whose length there is room to write. */
function written(scale: Scale): { x: number; text: string }[] {
  const found: { x: number; text: string }[] = [];
  for (const cut of cutsIn(scale)) {
    const x = Math.min(Math.max(cut.x + cut.width / 2, ROOM / 2), scale.width - ROOM / 2);
    const last = found[found.length - 1];
    if (!last || x - last.x >= ROOM) found.push({ x, text: duration(cut.to - cut.from) });
  }
  return found;
}

export function Axis({ scale, ticks, left }: { scale: Scale; ticks: readonly Tick[]; left: number }) {
  return (
    <div class={`run-axis ${cutsIn(scale).length > 0 ? "with-cuts" : ""}`} aria-hidden="true" style={{ marginLeft: rem(left) }}>
      {ticks.map((tick) => (
        <span key={tick.x} class="run-axis-tick" style={{ left: rem(tick.x) }}>
          {tick.text}
        </span>
      ))}
      {written(scale).map((cut) => (
        <span key={cut.x} class="run-axis-cut" style={{ left: rem(cut.x) }} title={`${cut.text} are cut out`}>
          {cut.text}
        </span>
      ))}
    </div>
  );
}

/** The lines of the ticks, and a band where time is cut, behind what is drawn. */
export function Grid({ scale, ticks, left }: { scale: Scale; ticks: readonly Tick[]; left: number }) {
  return (
    <div class="run-grid" aria-hidden="true" style={{ left: rem(left), width: rem(scale.width) }}>
      {ticks.map((tick) => (
        <span key={tick.x} class="run-grid-line" style={{ left: rem(tick.x) }} />
      ))}
      {cutsIn(scale).map((cut) => (
        <span key={cut.x} class="run-grid-cut" style={{ left: rem(cut.x), width: rem(cut.width) }} />
      ))}
    </div>
  );
}

/** What was cut out, in words. */
export function cutWords(scale: Scale, what: string): string {
  const cuts = cutsIn(scale);
  if (cuts.length === 0) return "";
  const length = duration(cuts.reduce((sum, cut) => sum + cut.to - cut.from, 0));
  return `${length} in which ${what} cut out in ${cuts.length} ${cuts.length === 1 ? "place" : "places"} (striped).`;
}
