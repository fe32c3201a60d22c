// Which part of the lanes is seen: at first the newest edits, and afterwards what the viewer went to.
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { zoomOf } from "../../parts/zoom.ts";
import type { Edit, Placed } from "./lanes.ts";
import { NAMES, middle } from "./marks.ts";

type Edits = readonly Placed<Edit>[];

/** A place in the lanes: the offset of an edit, and how far from the left edge that stood. At the end, that is the place. */
export interface Seen {
  offset: number;
  from: number;
  isEnd: boolean;
}

/** Where the viewer is, with the left edge so far in the lanes. */
export function seenAt(edits: Edits, left: number, isEnd: boolean): Seen {
  const { edit, column } = edits.find(({ column }) => middle(column) >= left) ?? edits.at(-1)!;
  return { offset: edit.offset, from: middle(column) - left, isEnd };
}

/** How far in the lanes the left edge has to be. For an edit that is not there, the one recorded before it is taken. */
export function leftOf(edits: Edits, { offset, from, isEnd }: Seen): number {
  if (isEnd) return Infinity;
  const found = edits.reduce<Placed<Edit> | null>((last, one) => {
    const fits = one.edit.offset <= offset && one.edit.offset > (last?.edit.offset ?? -1);
    return fits ? one : last;
  }, null);
  return found ? Math.max(0, middle(found.column) - from) : 0;
}

/** Where the viewer was, by the session and the edit that the address names. */
const known = new Map<string, Seen>();

/** Has a box show the edit that the address names, or else the newest, and from then on what the viewer scrolls it to. */
export function useSeen(session: string, named: number | null, edits: Edits): RefObject<HTMLDivElement | null> {
  const box = useRef<HTMLDivElement>(null);
  const key = JSON.stringify([session, named]);
  useLayoutEffect(() => {
    const frame = box.current!;
    const zoom = zoomOf();
    const first = { offset: named ?? 0, from: (frame.clientWidth / zoom - NAMES) / 2, isEnd: named === null };
    // What is past the end is the end.
    frame.scrollLeft = Math.min(leftOf(edits, known.get(key) ?? first) * zoom, frame.scrollWidth);
    // That the edit which was named is near the end is no wish to stay there.
    let isOwn = named !== null && !known.has(key);
    const look = () => {
      const isEnd = !isOwn && frame.scrollLeft + frame.clientWidth >= frame.scrollWidth - 2;
      isOwn = false;
      known.set(key, seenAt(edits, frame.scrollLeft / zoom, isEnd));
    };
    frame.addEventListener("scroll", look, { passive: true });
    return () => frame.removeEventListener("scroll", look);
  }, [key, edits]);
  // Who comes by a link that names an edit wants to see that, wherever they were before.
  useEffect(() => () => void (named !== null && known.delete(key)), [key]);
  return box;
}
