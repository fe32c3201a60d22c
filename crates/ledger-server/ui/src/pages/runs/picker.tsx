// Chooses a run by a part of its name.
import { useEffect, useRef, useState } from "preact/hooks";
import { count, local } from "../../lib/format.ts";
import { go } from "../../lib/router.ts";
import { useGet } from "../../lib/use.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { Trouble } from "../../parts/said.tsx";
import { useKept } from "./kept.ts";
import { outcomeOf, outcomeSigns } from "./outcome.ts";
import type { Run } from "./said.tsx";

interface Props {
  title: string;
  /** A run that is not to be chosen. */
  but?: string | null;
  /** The address to go to with a run. */
  to: (run: string) => string;
}

/** A button that opens the choice. */
export function PickRun({ label, ...props }: Props & { label: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {label}
      </button>
      <Dialog open={open} title={props.title} close={() => setOpen(false)} class="palette">
        <Choice {...props} close={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function Choice({ title, but, to, close }: Props & { close: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const q = useLater(text.trim());
  const held = useGet("/api/v1/runs", { q, limit: 20 });
  const { data, old } = useKept(held.data, q);
  const runs = (data?.runs ?? []).filter((run) => run.run_id !== but);
  const choose = (run: Run | undefined) => {
    if (!run) return;
    close();
    go(to(run.run_id));
  };
  const list = useRef<HTMLUListElement>(null);
  const moveTo = (place: number) => {
    setAt(place);
    list.current?.children[place]?.scrollIntoView({ block: "nearest" });
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !old) choose(runs[at]);
    else if (event.key === "ArrowDown") moveTo(Math.min(at + 1, runs.length - 1));
    else if (event.key === "ArrowUp") moveTo(Math.max(at - 1, 0));
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        autofocus
        role="combobox"
        aria-expanded="true"
        aria-controls="runs-to-pick"
        aria-activedescendant={runs[at] ? `run-to-pick-${at}` : undefined}
        aria-label={title}
        placeholder="a part of the name of a run"
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={pressed}
      />
      {held.problem && <Trouble problem={held.problem} again={held.reload} />}
      <ul id="runs-to-pick" ref={list} role="listbox" aria-label="Runs" class={old ? "run-old" : ""}>
        {runs.map((run, place) => (
          <li
            key={run.run_id}
            id={`run-to-pick-${place}`}
            role="option"
            aria-selected={place === at}
            onClick={() => choose(run)}
            onMouseMove={() => setAt(place)}
          >
            {outcomeSigns[outcomeOf(run)]} {run.run_id}{" "}
            <span class="quiet">
              {outcomeOf(run)}, {count(run.events)} events, {local(run.last_at)}
            </span>
          </li>
        ))}
      </ul>
      {data && runs.length === 0 && (
        <p class="quiet" role="status">
          no other run fits
        </p>
      )}
    </>
  );
}

/** A text as it is when nobody has written for a moment. */
function useLater(text: string): string {
  const [later, setLater] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setLater(text), 120);
    return () => clearTimeout(timer);
  }, [text]);
  return later;
}
