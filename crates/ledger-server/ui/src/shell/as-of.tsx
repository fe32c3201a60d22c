// The one control of when: every view shows the ledger as it was then.
import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "../lib/api.ts";
import { timeOf } from "../lib/filter.ts";
import { count, offsetIn } from "../lib/format.ts";
import { asOf, change } from "../lib/router.ts";
import { head } from "../lib/live.ts";

/** Turns what a person writes into an offset: an offset, a time, or a span back from now such as `2h`. */
export async function offsetOf(text: string): Promise<number> {
  const trimmed = text.trim();
  const offset = offsetIn(trimmed);
  if (offset !== null) return (await get("/api/v1/head", { as_of: offset })).head;
  const time = timeOf(trimmed, Date.now());
  if (time === null) throw new Error("write an offset such as 1200, a time, or how long ago, such as 2h");
  return (await get("/api/v1/head", { as_of: time })).head;
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
        {at ? `as of ${/^\d+$/.test(at) ? count(Number(at)) : at}` : "now"}
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
