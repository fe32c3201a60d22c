// The folded time of a chart, and the part of it that is looked at, which stands in the address.
import { useMemo, useState } from "preact/hooks";
import { change, place } from "../../lib/router.ts";
import { useWidth } from "../../parts/chart.tsx";
import { type Rule, type Scale, fold, scaleOf } from "./fold.ts";
import { type Span, stamp } from "./time.ts";
import { viewOf } from "./view.ts";

/** Room for what stands at the very end. */
const RIGHT = 8;

export interface Folded {
  box: preact.RefObject<HTMLDivElement | null>;
  /** How much larger things are than in the pixels of a usual screen, which all here is in. */
  zoom: number;
  /** Where time begins: names stand before it. */
  left: number;
  /** All there is. */
  whole: Scale;
  /** What is looked at. */
  scale: Scale;
  view: Span | null;
  /** Whether it is the one that nobody chose. */
  isFirst: boolean;
  /** Whether it is being changed. */
  changing: boolean;
  /** Shows a view while it is being changed, or, for undefined, that of the address again … */
  show: (view: Span | null | undefined) => void;
  /** … and puts it into the address. */
  keep: (view: Span | null, how?: "push" | "replace") => void;
}

/** `first` is what is looked at as long as the address tells nothing else; `zoom=all` in it tells that all is. */
export function useFolded(spans: readonly Span[], rule: Rule, left: number, first: Span | null = null): Folded {
  const [box, outer, zoom] = useWidth<HTMLDivElement>(260);
  const [shown, setShown] = useState<Span | null | undefined>(undefined);
  const { params } = place.value;
  const [from, to] = [params.get("from"), params.get("to")];
  const kept = useMemo(() => viewOf(from, to), [from, to]);
  const all = params.get("zoom") === "all";
  const view = shown === undefined ? (kept ?? (all ? null : first)) : shown;
  const width = outer - left - RIGHT;
  const pieces = useMemo(() => fold(spans, rule), [spans, rule]);
  const whole = useMemo(() => scaleOf(pieces, width, null), [pieces, width]);
  const scale = useMemo(() => (view ? scaleOf(pieces, width, view) : whole), [pieces, width, view, whole]);
  const keep = (view: Span | null, how: "push" | "replace" = "push") => {
    setShown(undefined);
    const zoom = !view && first ? "all" : null;
    change({ from: view && stamp(view.from), to: view && stamp(view.to), zoom }, how);
  };
  const isFirst = view !== null && view === first;
  return { box, zoom, left, whole, scale, view, isFirst, changing: shown !== undefined, show: setShown, keep };
}
