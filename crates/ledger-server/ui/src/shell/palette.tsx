// The palette: from anywhere to any page, event, run, session or artifact.
import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "../lib/api.ts";
import { offsetIn } from "../lib/format.ts";
import { asOf, go, href } from "../lib/router.ts";
import { Dialog } from "../parts/dialog.tsx";
import { readOne } from "../pages/events/read.ts";
import { runPath } from "../pages/runs/said.tsx";
import { paletteOpen } from "./keys.ts";

interface Hit {
  kind: string;
  name: string;
  to: string;
}

const pages: Hit[] = (
  [
    ["Overview", "/"],
    ["Events", "/events"],
    ["Runs", "/runs"],
    ["Lineage", "/lineage"],
    ["Operations", "/operations"],
    ["Sessions", "/sessions"],
    ["Admin", "/admin"],
  ] as const
).map(([name, to]) => ({ kind: "page", name, to }));

/** The server does not search in sessions: in so many of the newest it is searched here. */
const SESSIONS = 200;

/** Their names: read once each time that the palette opens. */
let sessionsRead: Promise<string[]> | null = null;

function sessionNames(): Promise<string[]> {
  sessionsRead ??= get("/api/v1/sessions", { as_of: asOf.value, limit: SESSIONS }).then(({ sessions }) =>
    sessions.map(({ session_id }) => session_id),
  );
  return sessionsRead;
}

/** Finds what a text may mean, and tells of each as it is found. What cannot be asked just now is left out. */
async function find(text: string, signal: AbortSignal, tell: (hits: Hit[]) => void): Promise<void> {
  const now = { as_of: asOf.value, limit: 6, q: text };
  const event = readOne(offsetIn(text) ?? text, signal).then(({ event }): Hit[] => [
    { kind: "event", name: `${event.offset} ${event.kind}`, to: href(`/events/${event.offset}`) },
  ]);
  const runs = get("/api/v1/runs", now, {}, signal).then(({ runs }) =>
    runs.map((run): Hit => ({ kind: "run", name: run.run_id, to: href(runPath(run.run_id)) })),
  );
  const sessions = sessionNames().then((names) =>
    names
      .filter((name) => name.toLowerCase().includes(text.toLowerCase()))
      .slice(0, now.limit)
      .map((name): Hit => ({ kind: "session", name, to: href(`/sessions/${encodeURIComponent(name)}`) })),
  );
  const artifacts = get("/api/v1/artifacts", now, {}, signal).then(({ artifacts }) =>
    artifacts.map(({ artifact }): Hit => ({ kind: "artifact", name: artifact, to: href("/lineage", { of: artifact }) })),
  );
  await Promise.allSettled([event, runs, sessions, artifacts].map((hits) => hits.then((hits) => signal.aborted || tell(hits))));
}

/** What was found for a text so far. What was found for another text is gone at once, so that nobody opens it. */
function useFound(text: string): { found: Hit[]; looking: boolean } {
  const nothing = { text, found: [] as Hit[], looking: text.trim() !== "" };
  const [held, setHeld] = useState(nothing);
  useEffect(() => {
    setHeld(nothing);
    if (!nothing.looking) return;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      await find(text.trim(), stop.signal, (hits) => setHeld((held) => ({ ...held, found: [...held.found, ...hits] })));
      if (!stop.signal.aborted) setHeld((held) => ({ ...held, looking: false }));
    }, 120);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  return held.text === text ? held : nothing;
}

export function Palette() {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  // Whether the first of what is found is to be opened as soon as it is.
  const [waits, setWaits] = useState(false);
  const { found, looking } = useFound(text);
  const field = useRef<HTMLInputElement>(null);
  const close = () => (paletteOpen.value = false);
  const write = (text: string) => {
    setText(text);
    setAt(0);
    setWaits(false);
  };
  useEffect(() => {
    sessionsRead = null;
    if (paletteOpen.value) field.current?.focus();
    else write("");
  }, [paletteOpen.value]);
  useEffect(() => document.getElementById(`hit-${at}`)?.scrollIntoView({ block: "nearest" }), [at]);
  const wanted = text.trim().toLowerCase();
  const hits = [
    ...pages.filter((page) => page.name.toLowerCase().includes(wanted)).map((page) => ({ ...page, to: href(page.to) })),
    ...found,
  ];
  const open = (hit: Hit | undefined) => {
    if (!hit) return;
    close();
    go(hit.to);
  };
  useEffect(() => {
    if (waits && paletteOpen.value) open(hits[0]);
  }, [waits, hits.length]);
  return (
    <Dialog open={paletteOpen.value} title="Go to" close={close} class="palette">
      <input
        ref={field}
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-hits"
        aria-activedescendant={hits[at] ? `hit-${at}` : undefined}
        aria-label="A page, an event's id or offset, a run, a session, or an artifact"
        placeholder="a page, an event's id or offset, a run, a session, an artifact"
        value={text}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") hits[at] ? open(hits[at]) : setWaits(true);
          else if (event.key === "ArrowDown") setAt(Math.min(at + 1, hits.length - 1));
          else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
          else return;
          event.preventDefault();
        }}
      />
      <ul id="palette-hits" role="listbox" aria-label="Found">
        {hits.map((hit, place) => (
          <li
            key={`${hit.kind} ${hit.name}`}
            id={`hit-${place}`}
            role="option"
            aria-selected={place === at}
            onClick={() => open(hit)}
            onMouseMove={() => setAt(place)}
          >
            <span class="quiet">{hit.kind}</span> {hit.name}
          </li>
        ))}
      </ul>
      {hits.length === 0 && (
        <p class="quiet" role="status">
          {looking ? "looking…" : "nothing found"}
        </p>
      )}
    </Dialog>
  );
}
