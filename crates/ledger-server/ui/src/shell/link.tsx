// Whether the page hears of what happens.
import { link, retryAt, startLive } from "../lib/live.ts";
import { asOf } from "../lib/router.ts";
import { useClock } from "../parts/time.tsx";

export function LinkState() {
  const now = useClock(link.value === "away" ? 500 : 0);
  if (asOf.value) {
    return (
      <span class="link past" role="status">
        past
      </span>
    );
  }
  if (link.value === "away") {
    const wait = Math.max(0, Math.ceil(((retryAt.value ?? now) - now) / 1_000));
    return (
      <span class="link away" role="status">
        away{wait > 0 ? `, again in ${wait} s` : "…"}{" "}
        <button type="button" class="plain" onClick={startLive}>
          try now
        </button>
      </span>
    );
  }
  return (
    <span class={`link ${link.value}`} role="status">
      {link.value}
    </span>
  );
}
