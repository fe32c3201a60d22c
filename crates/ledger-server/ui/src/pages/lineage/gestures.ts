// What the pointer, fingers and the wheel do to the picture.
import type { Painter } from "./painter.ts";
import type { Point } from "./scene.ts";

export interface Told {
  /** A node was clicked, or nothing was. */
  pick: (node: number | null) => void;
  /** What is hidden next to a node was asked for. */
  open: (node: number) => void;
  /** The pointer rests on a node, or on nothing. */
  over: (node: number | null) => void;
}

/** Who moves less means to click. */
const STEADY = 4;

/** Listens until the function that it returns is called. */
export function listen(canvas: HTMLCanvasElement, painter: Painter, told: () => Told): () => void {
  const down = new Map<number, Point>();
  let travelled = 0;
  const pointOf = (event: MouseEvent): Point => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const press = (event: PointerEvent) => {
    if (event.button !== 0) return;
    if (down.size === 0) travelled = 0;
    down.set(event.pointerId, pointOf(event));
    canvas.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    const [now, before] = [pointOf(event), down.get(event.pointerId)];
    if (!before) {
      const found = painter.at(now);
      canvas.classList.toggle("over", found !== null);
      told().over(found?.node ?? null);
      return;
    }
    travelled += Math.hypot(now.x - before.x, now.y - before.y);
    const others = [...down].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    down.set(event.pointerId, now);
    if (others.length > 0) pinch(painter, before, now, others[0]!);
    else if (travelled > STEADY) painter.move(now.x - before.x, now.y - before.y);
  };
  const release = (event: PointerEvent) => {
    const alone = down.size === 1;
    if (!down.delete(event.pointerId) || !alone || travelled > STEADY || event.type === "pointercancel") return;
    const found = painter.at(pointOf(event));
    if (found?.stub) told().open(found.node);
    else told().pick(found?.node ?? null);
  };
  const twice = (event: MouseEvent) => {
    const found = painter.at(pointOf(event));
    if (found && !found.stub) told().open(found.node);
  };
  const leave = () => told().over(null);
  const roll = (event: WheelEvent) => {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (event.shiftKey) painter.move(-(event.deltaX + event.deltaY) * lines, 0);
    else painter.zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015)), pointOf(event));
  };
  const stop = new AbortController();
  const { signal } = stop;
  canvas.addEventListener("pointerdown", press, { signal });
  canvas.addEventListener("pointermove", move, { signal });
  canvas.addEventListener("pointerup", release, { signal });
  canvas.addEventListener("pointercancel", release, { signal });
  canvas.addEventListener("pointerleave", leave, { signal });
  canvas.addEventListener("dblclick", twice, { signal });
  canvas.addEventListener("wheel", roll, { signal, passive: false });
  return () => stop.abort();
}

/** One of two fingers moved: what was between them stays there. */
function pinch(painter: Painter, before: Point, now: Point, other: Point): void {
  const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
  painter.move((now.x - before.x) / 2, (now.y - before.y) / 2);
  const apart = (one: Point) => Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));
  painter.zoom(apart(now) / apart(before), middle);
}
