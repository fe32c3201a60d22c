// All events that fit, as a file of lines which `ledger import` reads.
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem, ask } from "../../lib/api.ts";
import { bytes } from "../../lib/format.ts";
import { type Params, asOf, place, search } from "../../lib/router.ts";
import { rangeOf } from "./feed.ts";

/** Reads lines to their end; one that was cut off is an error, and no file. */
async function lines(address: string, stop: AbortSignal, tell: (bytes: number) => void): Promise<Blob> {
  const response = await ask(address, { headers: { accept: "application/x-ndjson" }, signal: stop });
  let got = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, out) {
      got += chunk.length;
      tell(got);
      out.enqueue(chunk);
    },
  });
  try {
    return await new Response(response.body!.pipeThrough(counted)).blob();
  } catch (error) {
    if (stop.aborted) throw error;
    throw new Problem(0, "cut_off", "the answer was cut off: nothing was saved");
  }
}

function download(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** What the list shows that the address is of, once one has scrolled to its end. */
function shown(): Params {
  const { params } = place.value;
  const at = /^\d{1,15}$/.test(params.get("at") ?? "") ? Number(params.get("at")) : null;
  return rangeOf({ at, order: params.get("order") === "asc" ? "asc" : "desc", asOf: asOf.value });
}

/** A button that saves what fits the filters, from where the list begins, the oldest first. */
export function Save({ filters }: { filters: Params }) {
  const [got, setGot] = useState<number | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const save = async () => {
    const running = new AbortController();
    stop.current = running;
    setTold(null);
    setGot(0);
    try {
      const file = await lines(`/api/v1/events${search({ ...filters, ...shown() })}`, running.signal, setGot);
      download(file, "events.jsonl");
      setTold(`${bytes(file.size)} saved`);
    } catch (problem) {
      setTold(running.signal.aborted ? null : (problem as Problem).message);
    }
    setGot(null);
  };
  return (
    <span>
      {got === null ? (
        <button type="button" onClick={() => void save()} title="All that the list has, to its end: the oldest first, as lines">
          Save as JSONL
        </button>
      ) : (
        <button type="button" onClick={() => stop.current?.abort()}>
          {bytes(got)}… Stop
        </button>
      )}{" "}
      <span class="quiet" role="status">
        {told}
      </span>
    </span>
  );
}
