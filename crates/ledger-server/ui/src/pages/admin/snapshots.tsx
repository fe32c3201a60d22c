import { useState } from "preact/hooks";
import { type Problem, type Schemas, get, send } from "../../lib/api.ts";
import { bytes, count } from "../../lib/format.ts";
import { useRead } from "../../lib/use.ts";
import { Shown, Trouble } from "../../parts/said.tsx";
import { Time, useClock } from "../../parts/time.tsx";

type Snapshot = Schemas["Snapshot"];

/** Copies of the ledger as SQLite files, to be downloaded. */
export function Snapshots() {
  const [turn, setTurn] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [copying, setCopying] = useState(false);
  // The ledger does not tell how far a copy is: while one is made, it is asked for.
  const clock = useClock(copying ? 500 : 0);
  const held = useRead(
    `snapshots ${turn} ${copying ? clock : 0}`,
    async (signal) => {
      const found = await get("/api/v1/snapshots", {}, {}, signal);
      setCopying(found.snapshots.some((one) => one.state === "copying"));
      return found;
    },
    "snapshots",
  );
  const act = async (work: Promise<unknown>) => {
    try {
      await work;
      setProblem(null);
    } catch (error) {
      setProblem(error as Problem);
    }
    setTurn((turn) => turn + 1);
  };
  return (
    <section aria-labelledby="snapshots">
      <h2 id="snapshots">Snapshots</h2>
      <p class="row">
        <button type="button" class="strong" disabled={copying} onClick={() => void act(send("POST", "/api/v1/snapshots"))}>
          Copy the ledger
        </button>
        <span class="quiet">as a SQLite file with the same offsets, to be opened anywhere</span>
      </p>
      {problem && <Trouble problem={problem} />}
      <Shown held={held}>
        {({ snapshots }) => (
          <ul>
            {snapshots.map((one) => (
              <li key={one.id}>
                <Line one={one} remove={() => void act(send("DELETE", `/api/v1/snapshots/${one.id}`))} />
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </section>
  );
}

function Line({ one, remove }: { one: Snapshot; remove: () => void }) {
  return (
    <span class="row">
      <Time at={one.started_at} />
      {one.state === "copying" && (
        <>
          <progress max={Math.max(one.of, 1)} value={one.events} aria-label="Copied" />
          <span aria-live="polite">
            {count(one.events)} of {count(one.of)} events
          </span>
        </>
      )}
      {one.state === "ready" && (
        <a href={`/api/v1/snapshots/${one.id}/file`} download>
          Download {one.bytes == null ? "" : bytes(one.bytes)}
        </a>
      )}
      {one.state === "ready" && <span class="quiet">{count(one.events)} events</span>}
      {one.state === "failed" && <span class="bad">failed: {one.error}</span>}
      {one.removable && (
        <button type="button" class="plain" onClick={remove}>
          {one.state === "copying" ? "stop" : "remove"}
        </button>
      )}
    </span>
  );
}
