// Whether the page hears of what happens.
import { link, retryAt, startLive } from "../lib/live.ts";
import { asOf } from "../lib/router.ts";
import { useClock } from "../parts/time.tsx";

/** What is said where the name of a state is not enough. */
const words: Record<string, string> = { refused: "not live: you may not read this ledger" };

export function LinkState() {
  const now = useClock(link.value === "away" ? 500 : 0);
  const state = asOf.value ? "past" : link.value;
  const wait = Math.max(0, Math.ceil(((retryAt.value ?? now) - now) / 1_000));
  return (
    <span class={`link ${state}`}>
      <span role="status">{words[state] ?? state}</span>
      {state === "away" && (
        <>
          <span aria-hidden="true">{wait > 0 ? `, again in ${wait} s` : "…"}</span>{" "}
          <button type="button" class="plain" onClick={startLive}>
            try now
          </button>
        </>
      )}
    </span>
  );
}
