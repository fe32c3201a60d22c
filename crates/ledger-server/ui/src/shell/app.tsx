// The frame around every page: where one is, when one looks, whether it is live, and who one is.
import { useEffect } from "preact/hooks";
import type { ComponentType } from "preact";
import { type Problem, signInFirst, signedIn } from "../lib/api.ts";
import { liveWhileSeen } from "../lib/live.ts";
import { href, partsOf, place } from "../lib/router.ts";
import { AdminPage } from "../pages/admin.tsx";
import { ComparePage } from "../pages/compare.tsx";
import { EventPage } from "../pages/event.tsx";
import { EventsPage } from "../pages/events.tsx";
import { LineagePage } from "../pages/lineage.tsx";
import { OperationsPage } from "../pages/operations.tsx";
import { OverviewPage } from "../pages/overview.tsx";
import { RunPage } from "../pages/run.tsx";
import { RunsPage } from "../pages/runs.tsx";
import { SessionPage } from "../pages/session.tsx";
import { SessionsPage } from "../pages/sessions.tsx";
import { SignInPage } from "../pages/sign-in.tsx";
import { AsOf, AsOfControl } from "./as-of.tsx";
import { Guard } from "./guard.tsx";
import { Help } from "./help.tsx";
import { LinkState } from "./link.tsx";
import { Palette } from "./palette.tsx";
import { Viewer } from "./viewer.tsx";
import { useWho } from "./who.ts";
import { paletteOpen } from "./keys.ts";

interface Route {
  title: string;
  page: ComponentType<{ name: string }>;
}

const sections: readonly [string, string][] = [
  ["/", "Overview"],
  ["/events", "Events"],
  ["/runs", "Runs"],
  ["/lineage", "Lineage"],
  ["/operations", "Operations"],
  ["/sessions", "Sessions"],
  ["/admin", "Admin"],
];

/** What is shown at a path, and what the path names. */
export function route(path: string): Route & { name: string } {
  const [first, name] = partsOf(path);
  const found = name ? named[first] : plain[first];
  return { ...(found ?? { title: "Nothing here", page: Nothing }), name };
}

const plain: Record<string, Route> = {
  "": { title: "Overview", page: OverviewPage },
  events: { title: "Events", page: EventsPage },
  runs: { title: "Runs", page: RunsPage },
  compare: { title: "Compare runs", page: ComparePage },
  lineage: { title: "Lineage", page: LineagePage },
  operations: { title: "Operations", page: OperationsPage },
  sessions: { title: "Sessions", page: SessionsPage },
  admin: { title: "Admin", page: AdminPage },
  "sign-in": { title: "Sign in", page: SignInPage },
};

const named: Record<string, Route> = {
  events: { title: "Event", page: EventPage },
  runs: { title: "Run", page: RunPage },
  sessions: { title: "Session", page: SessionPage },
};

function Nothing() {
  return (
    <>
      <h1>Nothing here</h1>
      <p class="empty">
        There is no page at this address. <a href={href("/")}>Go to the overview</a>.
      </p>
    </>
  );
}

/** It is not known who looks: what not everybody may do is not offered. */
function Unknown({ problem, again }: { problem: Problem; again: () => void }) {
  return (
    <p class="bad" role="alert">
      Who you are is not known yet: {problem.message}. Until it is, you can only read.{" "}
      <button type="button" onClick={again}>
        Try again
      </button>
    </p>
  );
}

export function App() {
  const { title, page: Page, name } = route(place.value.path);
  const who = signedIn.value;
  useEffect(() => {
    document.title = name ? `${name} · ${title} · ledger` : `${title} · ledger`;
  }, [title, name]);
  const { problem, again } = useWho();
  // Who is not known may try to read: the server refuses what they may not.
  const inside = who === null ? problem !== null : who.scopes.length > 0;
  useEffect(() => (inside ? liveWhileSeen() : undefined), [inside, who?.caller, who?.scopes.join()]);
  const nobody = who !== null && !inside;
  useEffect(() => {
    if (nobody) signInFirst();
  }, [nobody, place.value.path]);
  if (place.value.path === "/sign-in") return <SignInPage name="" />;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header class="bar">
        <a class="brand" href={href("/")}>
          <img src="/assets/favicon.svg" alt="" width="22" height="22" /> ledger
        </a>
        <nav aria-label="Pages">
          {sections.map(([path, label]) => (
            <a key={path} href={href(path)} aria-current={isHere(path) ? "page" : undefined}>
              {label}
            </a>
          ))}
        </nav>
        <div class="tools">
          <button type="button" class="find" onClick={() => (paletteOpen.value = true)}>
            Go to… <kbd>Ctrl K</kbd>
          </button>
          <AsOfControl />
          <LinkState />
          <Viewer />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {problem && <Unknown problem={problem} again={again} />}
        {!inside && <p class="quiet">…</p>}
        {inside && (
          <Guard>
            <AsOf>
              <Page key={place.value.path} name={name} />
            </AsOf>
          </Guard>
        )}
      </main>
      <Palette />
      <Help />
    </>
  );
}

function isHere(path: string): boolean {
  const [first] = partsOf(place.value.path);
  return path === `/${first === "compare" ? "runs" : first}`;
}
