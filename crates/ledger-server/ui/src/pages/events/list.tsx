// The list itself: rows as they are read, and a word about those that are not shown yet.
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { count } from "../../lib/format.ts";
import { type Params, asOf, asOfWords, change, href, place } from "../../lib/router.ts";
import { flagsOf, ledger } from "../../lib/shell.ts";
import { useTick } from "../../lib/use.ts";
import { type Asked, added, asked } from "../../parts/filters.tsx";
import { Empty, Trouble } from "../../parts/said.tsx";
import { type Column, LongTable, useNarrow } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import type { FilterName } from "../../lib/filter.ts";
import { runPath } from "../runs/said.tsx";
import { Feed, MOST, PART, type Question } from "./feed.ts";
import type { Row } from "./read.ts";

/** The address of the list with one more filter, and all else that it shows. */
function narrowed(name: FilterName, value: string): string {
  return href("/events", { ...asked(), ...kept(), ...added(name, value) });
}

/** What the address says beside filters and place. */
export function kept(): Params {
  const { params } = place.value;
  return { order: params.get("order"), counts: params.get("counts") };
}

function columnsOf(narrow: boolean, today: boolean): Column<Row>[] {
  return [
    { key: "offset", title: "Offset", number: true, width: narrow ? "4rem" : "5.5rem", cell: (row) => row.offset },
    {
      key: "at",
      title: "When",
      width: narrow ? "5.5rem" : today ? "4.5rem" : "10.5rem",
      cell: (row) => <Time at={row.at} relative={narrow} />,
    },
    { key: "kind", title: "Kind", width: "minmax(8rem, 1.7fr)", cell: (row) => <Kind row={row} /> },
    {
      key: "run",
      title: "Run",
      wide: true,
      width: "minmax(5rem, 1fr)",
      cell: (row) => <a href={href(runPath(row.run))}>{row.run}</a>,
    },
    {
      key: "actor",
      title: "Actor",
      wide: true,
      width: "minmax(5rem, 1fr)",
      cell: (row) => <a href={narrowed("actor", row.actor)}>{row.actor}</a>,
    },
    {
      key: "payload",
      title: "Payload",
      wide: true,
      width: "minmax(8rem, 3fr)",
      cell: (row) => <code>{row.preview}</code>,
    },
    {
      key: "tags",
      title: "Tags",
      wide: true,
      width: "minmax(6rem, 1.2fr)",
      cell: (row) => row.tags.map((tag) => <a key={tag} class="tag" href={narrowed("tag", tag)}>{tag}</a>),
    },
  ];
}

function Kind({ row }: { row: Row }) {
  if (!row.failed) return <>{row.kind}</>;
  return (
    <span class="bad">
      <span aria-hidden="true">✗ </span>
      {row.kind}
      <span class="unseen"> failed</span>
    </span>
  );
}

/** Says whether all happened today, so that none is shown with its date. */
function areOfToday(rows: readonly Row[]): boolean {
  const midnight = new Date(new Date().setHours(0, 0, 0, 0)).toISOString();
  return rows.every((row) => row.at >= midnight);
}

let last: Feed | null = null;

/** Who comes back to a list finds it as they left it. */
function feedOf(key: string, question: Question): Feed {
  const top = (history.state as { listTop?: number } | null)?.listTop;
  if (last?.key !== key || top === undefined) last = new Feed(key, question);
  last.top = top ?? 0;
  return last;
}

export function useFeed(question: Question): Feed {
  const key = JSON.stringify(question);
  const feed = useMemo(() => feedOf(key, question), [key]);
  useEffect(() => {
    feed.start();
    return () => feed.stop();
  }, [feed]);
  const tick = useTick(feed.isLive ? 500 : 0, null);
  useEffect(() => {
    if (tick) void feed.catchUp();
  }, [tick, feed]);
  return feed;
}

/** Follows where the viewer has scrolled to: the newest are shown at once only to who looks at the top, and at no row. */
function useScroll(feed: Feed, paused: boolean, filled: boolean) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const body = box.current?.querySelector(".long-scroll");
    if (!body) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (focused: Element | null) => {
      feed.follows = !paused && body.scrollTop < 15 && !(focused?.matches("[data-row]") && body.contains(focused));
      if (feed.follows) void feed.show(false);
    };
    const scrolled = () => {
      feed.top = body.scrollTop;
      look(document.activeElement);
      clearTimeout(timer);
      timer = setTimeout(() => history.replaceState({ listTop: feed.top }, ""), 200);
    };
    const focused = (event: FocusEvent) => look(event.target as Element);
    const left = (event: FocusEvent) => look(event.relatedTarget as Element | null);
    body.scrollTop = feed.top;
    look(document.activeElement);
    const listeners: [string, (event: never) => void][] = [["scroll", scrolled], ["focusin", focused], ["focusout", left]];
    // Before the table hears of it and is drawn anew: to read a place after that costs a layout.
    const how = { capture: true, passive: true };
    for (const [name, listener] of listeners) body.addEventListener(name, listener as EventListener, how);
    return () => {
      clearTimeout(timer);
      feed.follows = !paused;
      for (const [name, listener] of listeners) body.removeEventListener(name, listener as EventListener, how);
    };
  }, [feed, paused, filled]);
  return box;
}

export function EventList({ feed, paused }: { feed: Feed; paused: boolean }) {
  const rows = feed.rows.value;
  const box = useScroll(feed, paused, rows.length > 0);
  const anchor = useRef<number | null>(null);
  const narrow = useNarrow();
  const today = useMemo(() => areOfToday(rows), [rows]);
  const columns = useMemo(() => columnsOf(narrow, today), [narrow, today]);
  useLayoutEffect(() => {
    const place = anchor.current === null ? 0 : rows.findIndex((row) => row.offset === anchor.current);
    const body = box.current?.querySelector(".long-scroll");
    if (place <= 0 || !body) return;
    anchor.current = null;
    // The head is as high as a row.
    const height = body.querySelector(".long-body .long-row")?.getBoundingClientRect().height ?? 0;
    body.scrollTop = Math.max(0, (place + 2) * height - body.clientHeight);
  }, [rows]);
  const before = () => {
    anchor.current = rows[0]?.offset ?? null;
    void feed.before();
  };
  const show = async () => {
    await feed.show();
    box.current?.querySelector(".long-scroll")?.scrollTo({ top: 0 });
  };
  const { failure, newer, next, freshAfter } = feed;
  const { at } = feed.question;
  const full = rows.length >= MOST;
  return (
    <div ref={box} class="event-list">
      <News feed={feed} paused={paused} show={() => void show()} />
      {newer.value && (
        <p class="row">
          <button type="button" onClick={before}>Show newer</button>
          <button type="button" onClick={() => change({ at: null })}>Go to the newest</button>
        </p>
      )}
      {failure.value && <Trouble problem={failure.value.problem} again={failure.value.again} />}
      {!feed.loaded.value && !failure.value && <p class="quiet loading">reading…</p>}
      {feed.loaded.value && rows.length === 0 && <NothingFits question={feed.question} />}
      {rows.length > 0 && (
        <LongTable
          label={`Events, the ${feed.question.order === "asc" ? "oldest" : "newest"} first`}
          columns={columns}
          rows={rows}
          keyOf={(row) => row.offset}
          link={(row) => href(`/events/${row.offset}`)}
          class={(row) => (row.offset === at ? "here" : row.offset > freshAfter.value ? "new" : "")}
          more={next.value === null || full ? undefined : feed.more}
          foot={<Foot feed={feed} full={full} />}
        />
      )}
    </div>
  );
}

function News({ feed, paused, show }: { feed: Feed; paused: boolean; show: () => void }) {
  const waiting = feed.waiting.value.length;
  return (
    <div aria-live="polite" class="news">
      {(waiting > 0 || feed.missed.value) && (
        <button type="button" class="strong" onClick={show}>
          {feed.missed.value ? `Over ${PART} new` : `${count(waiting)} new`}
        </button>
      )}
      {paused && <span class="unseen">Paused: what is new waits.</span>}
    </div>
  );
}

function Foot({ feed, full }: { feed: Feed; full: boolean }) {
  const rows = feed.rows.value;
  const end = rows.at(-1)!.offset;
  if (full) {
    return (
      <>
        {count(rows.length)} events are shown. <a href={href("/events", { ...asked(), ...kept(), at: end })}>Go on from {end}</a>
      </>
    );
  }
  if (feed.next.value !== null) return <>{count(rows.length)} events so far, to offset {end}; more come as you scroll.</>;
  const whole = feed.newer.value ? "That is all up to here" : "That is all";
  return <>{`${whole}: ${count(rows.length)} ${rows.length === 1 ? "event" : "events"}.`}</>;
}

/** The command records an event that fits the filters: where one looks at what comes, and not at what was. */
function NothingFits({ question }: { question: Question }) {
  const now: Asked = asked();
  const kind = (now.kind[0] ?? "order.placed").replace(/\*$/, "noted");
  const tags = [...now.tag, ...now.any_tag.slice(0, 1)];
  const fits = { ...now, kind: [kind], tag: tags, any_tag: [], since: [], until: [] };
  const filtered = Object.values(now).some((values) => values.length > 0);
  if (asOf.value !== null || question.at !== null) {
    return <Empty>{`${filtered ? "No event fits these filters" : "No event is recorded"}${whereOf(question)}.`}</Empty>;
  }
  return (
    <Empty command={ledger("append", ...flagsOf(fits), "--payload '{}'")}>
      {filtered ? "No event fits these filters. This records one that does:" : "There is no event yet. This records one:"}
    </Empty>
  );
}

/** Of which part of the log it is said that nothing is there. */
export function whereOf({ at, order }: Pick<Question, "at" | "order">): string {
  if (at === null) return asOfWords();
  const part = order === "asc" ? ` from offset ${count(at)} on` : ` up to offset ${count(at)}`;
  return asOf.value === null ? part : `${part},${asOfWords()}`;
}
