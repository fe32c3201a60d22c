// The list of events as it is read: page by page from where one looks on, and what is appended meanwhile.
import { effect, signal } from "@preact/signals";
import { Again } from "../../lib/again.ts";
import type { Problem } from "../../lib/api.ts";
import { head, link } from "../../lib/live.ts";
import type { Params } from "../../lib/router.ts";
import { type Page, type Row, readPage, rowOf } from "./read.ts";

/** What a list is of. */
export interface Question {
  filters: Params;
  order: "desc" | "asc";
  /** The offset that it begins at. */
  at: number | null;
  /** The last offset that it may show. */
  asOf: string | null;
}

/** How many events a page has. */
export const PART = 200;
/** How many rows are held at most. One who wants more goes on from the last of them. */
export const MOST = 100_000;
/** How many of them stay while new ones come in on top. */
const KEPT = 2_000;
/** How many may wait to be shown. Of more, only that they are there is told. */
const WAITING = 1_000;

/** What went wrong, and how to try it again. */
export interface Failure {
  what: string;
  problem: Problem;
  again: () => void;
}

/** Between which offsets a list lies that one reads from its beginning to its end. */
export function rangeOf({ at, asOf, order }: Omit<Question, "filters">): { up_to: number | string | null; after?: number } {
  if (at === null) return { up_to: asOf };
  if (order === "asc") return { up_to: asOf, after: Math.max(at, 1) - 1 };
  return { up_to: asOf === null ? at : Math.min(at, Number(asOf)) };
}

export class Feed {
  readonly rows = signal<readonly Row[]>([]);
  /** What was appended and is not shown yet, the newest first. */
  readonly waiting = signal<readonly Row[]>([]);
  /** Whether there is more than may wait. */
  readonly missed = signal(false);
  /** Where it goes on; null when all is there. */
  readonly next = signal<string | null>(null);
  /** Whether there may be something before the first row, in a list that begins somewhere. */
  readonly newer = signal(false);
  readonly loaded = signal(false);
  readonly failure = signal<Failure | null>(null);
  /** The rows past this offset came just now. */
  readonly freshAfter = signal(Infinity);
  /** Whether what is appended is shown at once. */
  follows = true;
  /** How far the viewer has scrolled, for when they come back. */
  top = 0;
  /** Up to where it is known what there is. */
  private seen = 0;
  private stopped = new AbortController();
  /** One thing is done after the other: what waits, and what is done now. */
  private due = new Set<string>();
  private turn: Promise<void> = Promise.resolve();
  private unlink = () => {};

  constructor(
    readonly key: string,
    readonly question: Question,
  ) {}

  /** Whether it hears of what is appended. */
  get isLive(): boolean {
    return this.question.asOf === null;
  }

  /** Whether it begins with the newest: what is appended comes on top of it, at once or when the viewer wants it. */
  get isNewest(): boolean {
    return this.isLive && this.question.order === "desc" && this.question.at === null;
  }

  start(): void {
    this.stopped = new AbortController();
    this.unlink();
    const due = new Again();
    this.unlink = effect(() => {
      const failure = this.failure.value;
      return due.look(link.value === "live", failure?.problem ?? null, () => failure?.again());
    });
    if (!this.loaded.value) void this.restart();
  }

  stop(): void {
    this.unlink();
    this.stopped.abort();
  }

  /** Reads the first page anew. */
  restart = (): Promise<void> => this.inTurn("restart", () => this.first());

  /** Reads the next page. */
  more = (): Promise<void> =>
    this.inTurn("more", async () => {
      const cursor = this.next.value;
      if (cursor === null || this.rows.value.length >= MOST) return;
      const known = head.value ?? 0;
      const { events, next } = await this.read({ ...this.from(), cursor });
      this.rows.value = [...this.rows.value, ...events.map(rowOf)];
      this.next.value = next;
      if (this.question.order === "asc") this.seen = Math.max(this.seen, known, this.last());
    });

  /** Reads what comes before the first row. */
  before = (): Promise<void> =>
    this.inTurn("before", async () => {
      const known = head.value ?? 0;
      const after = this.rows.value[0]?.offset ?? this.question.at;
      const { events, next } = await this.read({ ...this.bounds(), order: "asc", after });
      this.rows.value = [...events.map(rowOf).reverse(), ...this.rows.value];
      this.newer.value = next !== null;
      if (next === null) this.seen = Math.max(this.seen, known, this.rows.value[0]?.offset ?? 0);
    });

  /** Reads what was appended since. */
  catchUp = (): Promise<void> =>
    this.inTurn("catch up", async () => {
      const [now, before] = [head.value ?? 0, this.seen];
      if (!this.loaded.value || !this.isLive || now <= before || this.missed.value) return;
      if (this.question.order === "asc") {
        // What is new stands at the end, and is read when one comes there.
        this.next.value ??= String(before);
        if (this.rows.value.length === 0) void this.more();
        return;
      }
      if (!this.isNewest) return this.look(before, now);
      const { events, next } = await this.read({ ...this.question.filters, order: "desc", after: before, up_to: now });
      const rows = events.map(rowOf);
      this.seen = now;
      if (next === null) this.add(rows, before);
      else if (this.follows) this.begin(rows, next, before);
      else this.miss();
    });

  /**
   * Shows what waits, once the page that is on its way is there: it goes on from the last row that there is now. Who did not ask
   * for it, but scrolled to the top, may have left that by then.
   */
  show = async (asked = true): Promise<void> => {
    if (!this.missed.value && this.waiting.value.length === 0) return;
    await this.inTurn(asked ? "show" : "follow", async () => {
      if (!asked && !this.follows) return;
      if (this.missed.value) return this.first();
      const rows = this.waiting.value;
      if (rows.length === 0) return;
      this.prepend(rows, rows.at(-1)!.offset - 1);
      this.forget();
    });
  };

  private async first(): Promise<void> {
    const known = head.value ?? 0;
    const { events, next } = await this.read(this.from());
    const rows = events.map(rowOf);
    this.rows.value = rows;
    this.next.value = next;
    this.newer.value = this.question.order === "desc" && (rows[0]?.offset ?? 0) < this.end(known);
    this.forget();
    this.seen = Math.max(known, rows[0]?.offset ?? 0, this.last());
    this.loaded.value = true;
  }

  /** Looks whether anything fits that was appended after a list which begins somewhere; that there is something is enough. */
  private async look(after: number, up_to: number): Promise<void> {
    if (this.newer.value) return;
    const { events } = await this.read({ ...this.question.filters, after, up_to, limit: 1 });
    this.seen = up_to;
    this.newer.value = events.length > 0;
  }

  private add(rows: Row[], before: number): void {
    if (rows.length === 0) return;
    const waiting = [...rows, ...this.waiting.value];
    if (this.follows) {
      this.prepend(waiting, before);
      this.forget();
    } else if (waiting.length > WAITING) {
      this.miss();
    } else {
      this.waiting.value = waiting;
    }
  }

  /** So much is new that the list begins with it; the rest is read again when one comes there. */
  private begin(rows: Row[], next: string, before: number): void {
    this.rows.value = rows;
    this.next.value = next;
    this.freshAfter.value = before;
    this.forget();
  }

  private prepend(rows: readonly Row[], before: number): void {
    const all = [...rows, ...this.rows.value];
    this.rows.value = all.slice(0, Math.max(KEPT, rows.length));
    if (all.length > this.rows.value.length) this.next.value = String(this.last());
    this.freshAfter.value = before;
  }

  private miss(): void {
    this.waiting.value = [];
    this.missed.value = true;
  }

  private forget(): void {
    this.waiting.value = [];
    this.missed.value = false;
  }

  private last(): number {
    return this.rows.value.at(-1)?.offset ?? 0;
  }

  /** The last offset that there may be. */
  private end(known: number): number {
    const { at, asOf } = this.question;
    if (at === null) return 0;
    return asOf === null ? known || Infinity : Number(asOf);
  }

  /** The filters, and the end that the time sets at which one looks. */
  private bounds(): Params {
    return { ...this.question.filters, up_to: this.question.asOf };
  }

  private from(): Params {
    return { ...this.question.filters, order: this.question.order, ...rangeOf(this.question) };
  }

  private read(params: Params): Promise<Page> {
    return readPage({ limit: PART, ...params }, this.stopped.signal);
  }

  /** Does things one after the other, and none that waits already. */
  private inTurn(name: string, what: () => Promise<void>): Promise<void> {
    if (this.due.has(name)) return this.turn;
    this.due.add(name);
    this.turn = this.turn.then(async () => {
      this.due.delete(name);
      const { signal } = this.stopped;
      try {
        await what();
        if (this.failure.value?.what === name) this.failure.value = null;
      } catch (problem) {
        if (signal.aborted) return;
        this.failure.value = { what: name, problem: problem as Problem, again: () => void this.inTurn(name, what) };
      }
    });
    return this.turn;
  }
}
