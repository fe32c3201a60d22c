import { Fragment } from "preact";
import { useMemo } from "preact/hooks";
import { count } from "../../lib/format.ts";
import { href } from "../../lib/router.ts";
import { rem } from "../../parts/zoom.ts";
import type { Lanes, Placed } from "./lanes.ts";
import { COLUMN, type Marked, NAMES, middle, stampsOf } from "./marks.ts";
import type { Edited } from "./read.ts";
import { useSeen } from "./seen.ts";

const LANE = 46;
const AXIS = 26;
const RADIUS = 8;
/** The picture becomes wider in steps of so many pixels. */
const SHEET = 100 * COLUMN;

const y = (lane: number) => AXIS + lane * LANE + LANE / 2;

interface Drawn {
  session: string;
  lanes: Lanes<Edited>;
  /** The checkpoints, by the offset of the edit behind which they stand. */
  marks: ReadonlyMap<number, readonly Marked[]>;
  /** The offset of the edit that the address names. */
  named: number | null;
}

/** The edits in lanes, with an arrow from each edit to those that name it as a parent. */
export function Drawing({ session, lanes, marks, named }: Drawn) {
  const { actors, edits, columns } = lanes;
  const box = useSeen(session, named, edits);
  const stamps = useMemo(() => stampsOf(edits), [edits]);
  const [width, height] = [Math.max(columns * COLUMN, stamps.at(-1)?.to ?? 0) + 20, y(actors.length - 1) + LANE / 2 + 10];
  // A browser lays out anew all of a picture that becomes wider: it does so in steps, and its box hides what is too much.
  const sheet = Math.ceil(width / SHEET) * SHEET;
  return (
    <div class="scroll lanes" ref={box}>
      <Names actors={actors} height={height} />
      <div class="drawn" style={{ width: rem(width), height: rem(height) }}>
        <svg
          viewBox={`0 0 ${sheet} ${height}`}
          style={{ width: rem(sheet), height: rem(height) }}
          role="group"
          aria-label={`Edits: ${edits.length}, actors: ${actors.length}; the table below lists them`}
        >
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="6" markerHeight="6" orient="auto">
              <path d="M0 0L8 4L0 8z" />
            </marker>
          </defs>
          <g class="stamps" aria-hidden="true">
            {stamps.map(({ column, text, from, to }) => (
              <Fragment key={column}>
                <line x1={middle(column)} x2={middle(column)} y1={AXIS - 6} y2={AXIS} />
                <text x={(from + to) / 2} y={AXIS - 10} text-anchor="middle">
                  {text}
                </text>
              </Fragment>
            ))}
          </g>
          {actors.map((actor, lane) => (
            <line key={actor} class="lane" x1={0} x2={columns * COLUMN} y1={y(lane)} y2={y(lane)} />
          ))}
          <Arrows lanes={lanes} />
          {edits.flatMap((one) => {
            const of = marks.get(one.edit.offset);
            const drawn = dot(one, one.edit.offset === named);
            return of ? [drawn, <Mark key={`after ${one.edit.offset}`} behind={one} of={of} height={height} />] : drawn;
          })}
        </svg>
      </div>
    </div>
  );
}

/** Whose lane is which. They stay where they are while the lanes are scrolled. */
function Names({ actors, height }: { actors: readonly string[]; height: number }) {
  return (
    <svg class="names" viewBox={`0 0 ${NAMES} ${height}`} style={{ width: rem(NAMES), height: rem(height) }} aria-hidden="true">
      <text class="quiet" x={NAMES - 10} y={AXIS - 10} text-anchor="end">
        stamp
      </text>
      {actors.map((actor, lane) => (
        <text key={actor} x={NAMES - 10} y={y(lane) + 4} text-anchor="end">
          {actor.length > 16 ? `${actor.slice(0, 15)}…` : actor}
          <title>{actor}</title>
        </text>
      ))}
    </svg>
  );
}

function Arrows({ lanes: { edits, arrows } }: { lanes: Lanes<Edited> }) {
  return (
    <g class="arrows">
      {arrows.map(([from, to]) => {
        const [start, end] = [edits[from]!, edits[to]!];
        const [x1, x2] = [middle(start.column) + RADIUS, middle(end.column) - RADIUS];
        const [y1, y2] = [y(start.lane), y(end.lane)];
        const bend = Math.max(12, (x2 - x1) / 2);
        const way = `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
        return <path key={`${from} ${to}`} marker-end="url(#arrow)" d={way} />;
      })}
    </g>
  );
}

/** An edit. It is no component: of thousands, each would take its time. */
function dot({ edit, lane, column }: Placed<Edited>, named: boolean) {
  const to = href(`/events/${edit.offset}`);
  // Moved as a whole: when the oldest is shown no more, all move, and what is in them stays.
  const style = { transform: `translate(${middle(column)}px, ${y(lane)}px)` };
  return (
    <a key={edit.offset} href={to} data-row style={style} aria-label={said(edit)} aria-current={named ? "true" : undefined}>
      <circle class="edit" r={RADIUS} />
      <text class="op" y={4} text-anchor="middle">
        {sign(edit.op)}
      </text>
      <title>{said(edit)}</title>
    </a>
  );
}

/** The checkpoints behind an edit: a line across all lanes, and a diamond in the lane of that edit. */
function Mark({ behind, of, height }: { behind: Placed<Edited>; of: readonly Marked[]; height: number }) {
  const [x, middleOfLane] = [middle(behind.column) + COLUMN / 2, y(behind.lane)];
  const words = of.map(told).join("; ");
  return (
    <g class="checkpoint">
      <line x1={x} x2={x} y1={AXIS} y2={height - 10} />
      <a href={href(`/events/${of[0]!.offset}`)} aria-label={words}>
        <path d={`M${x - 7} ${middleOfLane}l7 -7l7 7l-7 7z`} />
        <title>{words}</title>
      </a>
    </g>
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

function told({ snapshot, operations, offset }: Marked): string {
  return `Checkpoint ${snapshot}: ${count(operations)} ${operations === 1 ? "edit" : "edits"}, up to offset ${count(offset)}`;
}
