import { useMemo } from "preact/hooks";
import { href } from "../../lib/router.ts";
import { rem } from "../../parts/zoom.ts";
import { lanesOf } from "./lanes.ts";
import type { Edited } from "./read.ts";

const COLUMN = 34;
const LANE = 46;
const LEFT = 120;
const RADIUS = 8;

/** The edits in lanes, with an arrow from each edit to those that name it as a parent. */
export function Drawing({ edits, upTo }: { edits: readonly Edited[]; upTo: number | null }) {
  const { actors, edits: placed, arrows, columns } = useMemo(() => lanesOf(edits), [edits]);
  const x = (column: number) => LEFT + column * COLUMN + COLUMN / 2;
  const y = (lane: number) => lane * LANE + LANE / 2;
  const cut = upTo === null ? -1 : placed.findLastIndex(({ edit }) => edit.offset <= upTo);
  const [width, height] = [LEFT + columns * COLUMN + 20, actors.length * LANE + 10];
  const edge = cut < 0 ? 0 : x(placed[cut]!.column) + COLUMN / 2;
  return (
    <div class="scroll lanes">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        style={{ width: rem(width), height: rem(height) }}
        role="group"
        aria-label={`${edits.length} edits of ${actors.length} actors; the table below lists them`}
      >
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="6" markerHeight="6" orient="auto">
            <path d="M0 0L8 4L0 8z" />
          </marker>
        </defs>
        {actors.map((actor, lane) => (
          <g key={actor} class="lane">
            <line x1={LEFT} x2={LEFT + columns * COLUMN} y1={y(lane)} y2={y(lane)} />
            <text x={LEFT - 10} y={y(lane) + 4} text-anchor="end">
              {actor.length > 16 ? `${actor.slice(0, 15)}…` : actor}
              <title>{actor}</title>
            </text>
          </g>
        ))}
        {cut >= 0 && (
          <g class="checkpoint">
            <line x1={edge} x2={edge} y1={0} y2={actors.length * LANE} />
            <title>the newest checkpoint includes what stands at the left</title>
          </g>
        )}
        <g class="arrows">
          {arrows.map(([from, to]) => {
            const [start, end] = [placed[from]!, placed[to]!];
            const [x1, y1, x2, y2] = [x(start.column) + RADIUS, y(start.lane), x(end.column) - RADIUS, y(end.lane)];
            const bend = Math.max(12, (x2 - x1) / 2);
            const way = `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
            return <path key={`${from} ${to}`} marker-end="url(#arrow)" d={way} />;
          })}
        </g>
        {placed.map(({ edit, lane, column }) => (
          <a key={edit.id} href={href(`/events/${edit.offset}`)} data-row aria-label={said(edit)}>
            <circle class="edit" cx={x(column)} cy={y(lane)} r={RADIUS} />
            <text class="op" x={x(column)} y={y(lane) + 4} text-anchor="middle">
              {sign(edit.op)}
            </text>
            <title>{said(edit)}</title>
          </a>
        ))}
      </svg>
    </div>
  );
}

/** What was done, as one sign. */
function sign(op: string): string {
  const signs: Record<string, string> = { insert: "+", delete: "−", move: "↕", mutate: "~", patch: "±", replace: "=" };
  return signs[op] ?? "·";
}

function said({ actor, op, target, domain, lamport }: Edited): string {
  return `${actor}: ${op}${target === null ? "" : ` ${target}`} in ${domain}, stamp ${lamport ?? "none"}`;
}
