// The one control of when: every view shows the ledger as it was then.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem, get } from "../lib/api.ts";
import { timeOf } from "../lib/filter.ts";
import { count, offsetIn } from "../lib/format.ts";
import { asOf, change, isOffset } from "../lib/router.ts";
import { head } from "../lib/live.ts";
import { type Held, useRead } from "../lib/use.ts";
import { Trouble } from "../parts/said.tsx";

/** Turns what a person writes into an offset: an offset, a time, or a span back from now such as `2h`. */
export async function offsetOf(text: string): Promise<number> {
  const trimmed = text.trim();
  const offset = offsetIn(trimmed);
  if (offset !== null) return (await get("/api/v1/head", { as_of: offset })).head;
  const time = timeOf(trimmed, Date.now());
  if (time === null) throw new Problem(422, "no_time", "write an offset such as 1200, a time, or how long ago, such as 2h");
  return (await get("/api/v1/head", { as_of: time })).head;
}

/** An address has a space for the plus of a zone that was not escaped. */
function zoned(text: string): string {
  return text.replace(/(T[\d:.]+) (?=\d\d:\d\d$)/i, "$1+");
}

/**
 * Has a time that somebody wrote into the address become the offset that it stands for: views compare offsets, and some of what
 * they read is bounded by offsets alone. Returns how far that is, and null once the address is of an offset or of now.
 */
export function useOffset(): Held<number | null> | null {
  const at = asOf.value;
  const written = at === null || isOffset(at) ? null : at;
  const held = useRead(`as of ${written}`, async () => (written === null ? null : offsetOf(zoned(written))));
  const { data } = held;
  useEffect(() => {
    if (data !== null) change({ as_of: data }, "replace");
  }, [data]);
  return written === null ? null : held;
}

/** Shows a view once it is known as of which offset. */
export function AsOf({ children }: { children: ComponentChildren }) {
  const held = useOffset();
  if (held === null) return <>{children}</>;
  const { problem } = held;
  return (
    <>
      <h1>As of {asOf.value}</h1>
      {problem ? <Trouble problem={problem} again={problem.status === 422 ? undefined : held.reload} /> : null}
      {problem === null && <p class="quiet loading">looking for the offset…</p>}
      <p class="row">
        <button type="button" onClick={() => change({ as_of: null })}>
          Go back to now
        </button>
      </p>
    </>
  );
}

export function AsOfControl() {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (open) field.current?.focus();
  }, [open]);
  const at = asOf.value;
  const look = async (wanted: string) => {
    try {
      change({ as_of: await offsetOf(wanted) });
      setOpen(false);
      setWrong(null);
    } catch (error) {
      setWrong((error as Error).message);
    }
  };
  return (
    <div class="asof">
      <button ref={button} type="button" class={at ? "past" : ""} aria-expanded={open} onClick={() => setOpen(!open)}>
        {at ? `as of ${isOffset(at) ? count(Number(at)) : at}` : "now"}
      </button>
      {at && (
        <button type="button" class="plain" onClick={() => change({ as_of: null })} title="Back to now (n)">
          ✕<span class="unseen"> back to now</span>
        </button>
      )}
      {open && (
        <form
          class="pop"
          onSubmit={(event) => {
            event.preventDefault();
            void look(text);
          }}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            setOpen(false);
            button.current?.focus();
          }}
        >
          <label>
            Look at the ledger as it was at
            <input
              ref={field}
              value={text}
              placeholder={`offset up to ${head.value ?? "…"}, time, or 2h`}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </label>
          <input
            type="datetime-local"
            aria-label="Date and time"
            step="1"
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <p class="row">
            {["15m", "1h", "6h", "1d", "7d"].map((span) => (
              <button type="button" key={span} onClick={() => void look(span)}>
                {span} ago
              </button>
            ))}
          </p>
          {wrong && <p role="alert" class="bad">{wrong}</p>}
          <p class="row">
            <button type="submit" class="strong">Look</button>
          </p>
        </form>
      )}
    </div>
  );
}
