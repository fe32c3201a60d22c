// Two runs in figures.
import { count, duration } from "../../lib/format.ts";
import { href } from "../../lib/router.ts";
import { Time } from "../../parts/time.tsx";
import type { Sum } from "./comparison.ts";
import { type Run, RunState, runPath } from "./said.tsx";
import { lengthOf } from "./time.ts";

export interface Summed {
  run: Run;
  sum: Sum;
}

interface Figure {
  title: string;
  of: (summed: Summed) => number;
  write: (value: number) => string;
}

const figures: readonly Figure[] = [
  { title: "Duration", of: ({ run }) => lengthOf(run), write: duration },
  { title: "Events", of: ({ run }) => run.events, write: count },
  { title: "Operations", of: ({ sum }) => sum.operations, write: count },
  { title: "Operations took together", of: ({ sum }) => sum.took, write: duration },
  { title: "Failures", of: ({ sum }) => sum.failures, write: count },
  { title: "Rows changed", of: ({ sum }) => sum.rows, write: count },
];

export function Figures({ a, b }: { a: Summed; b: Summed }) {
  return (
    <div class="scroll">
      <table class="compare-figures">
        <caption class="unseen">Both runs in figures</caption>
        <thead>
          <tr>
            <td />
            <Name letter="A" run={a.run} />
            <Name letter="B" run={b.run} />
            <th scope="col" class="number">
              B less A
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">State</th>
            <td>
              <RunState run={a.run} />
            </td>
            <td>
              <RunState run={b.run} />
            </td>
            <td />
          </tr>
          <tr>
            <th scope="row">First event</th>
            <td>
              <Time at={a.run.first_at} />
            </td>
            <td>
              <Time at={b.run.first_at} />
            </td>
            <td />
          </tr>
          {figures.map((figure) => (
            <Line key={figure.title} figure={figure} a={figure.of(a)} b={figure.of(b)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Name({ letter, run }: { letter: string; run: Run }) {
  return (
    <th scope="col">
      {letter}: <a href={href(runPath(run.run_id))}>{run.run_id}</a>
    </th>
  );
}

function Line({ figure, a, b }: { figure: Figure; a: number; b: number }) {
  const by = b - a;
  const share = a > 0 && by !== 0 ? ` (${by > 0 ? "+" : "−"}${Number(((100 * Math.abs(by)) / a).toPrecision(2))} %)` : "";
  return (
    <tr>
      <th scope="row">{figure.title}</th>
      <td>{figure.write(a)}</td>
      <td>{figure.write(b)}</td>
      <td class="number">{by === 0 ? "the same" : `${by > 0 ? "+" : "−"}${figure.write(Math.abs(by))}${share}`}</td>
    </tr>
  );
}
