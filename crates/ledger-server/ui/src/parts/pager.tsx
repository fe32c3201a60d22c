import { count } from "../lib/format.ts";

/** Steps through a list in parts. */
export function Pager(props: { from: number; part: number; total: number; to: (from: number) => void }) {
  const { from, part, total } = props;
  if (from === 0 && total <= part) return null;
  return (
    <p class="row">
      <button type="button" disabled={from === 0} onClick={() => props.to(Math.max(0, from - part))}>
        Before
      </button>
      <span class="quiet">
        {count(Math.min(from + 1, total))} to {count(Math.min(from + part, total))} of {count(total)}
      </span>
      <button type="button" disabled={from + part >= total} onClick={() => props.to(from + part)}>
        After
      </button>
    </p>
  );
}
