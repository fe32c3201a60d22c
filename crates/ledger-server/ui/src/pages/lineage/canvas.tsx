// The picture, which a pointer and the keyboard move about in.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { count } from "../../lib/format.ts";
import { isTyped } from "../../shell/keys.ts";
import { theme } from "../../shell/theme.ts";
import type { Marks } from "./draw.ts";
import { type Told, listen } from "./gestures.ts";
import type { GraphNode } from "./graph.ts";
import { Legend } from "./legend.tsx";
import { Painter } from "./painter.ts";
import { type Scene, step } from "./scene.ts";

interface Props {
  scene: Scene;
  selected: number;
  way: Pick<Marks, "way" | "wayLinks">;
  /** What the picture is of: of another, it is shown from its beginning. */
  subject: string;
  pick: (node: GraphNode | null) => void;
  open: (node: GraphNode) => void;
}

export function GraphCanvas(props: Props) {
  const { scene, selected } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hovered, setOver] = useState<number | null>(null);
  const over = hovered !== null && hovered < scene.graph.nodes.length ? hovered : null;
  const clicked = useRef(false);
  const painter = usePainter(canvas, props, over, clicked);
  const told = useRef<Told | null>(null);
  told.current = {
    pick: (node) => {
      clicked.current = true;
      props.pick(node === null ? null : scene.graph.nodes[node]!);
    },
    open: (node) => props.open(scene.graph.nodes[node]!),
    over: setOver,
  };
  useLayoutEffect(() => listen(canvas.current!, painter.current!, () => told.current!), []);
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.startsWith("Arrow")) {
      const next = step(scene, selected, event.key);
      if (next !== null) props.pick(scene.graph.nodes[next]!);
    } else if (event.key === "Enter") props.open(scene.graph.nodes[selected]!);
    else if (event.key === "Escape") props.pick(null);
    else return;
    event.preventDefault();
  };
  return (
    <div class="lineage-picture">
      <canvas
        ref={canvas}
        tabIndex={0}
        role="application"
        aria-label="Graph. Arrow keys move to what an artifact is made from and what is made of it, Enter shows what is hidden."
        aria-describedby="lineage-selected"
        onKeyDown={press}
      />
      <Zoom painter={painter} />
      <p class="lineage-caption" aria-hidden="true">
        {wordsOf(scene.graph.nodes[over ?? selected]!)}
      </p>
      <p class="unseen" id="lineage-selected" aria-live="polite">
        {wordsOf(scene.graph.nodes[selected]!)}, made from {count(scene.before[selected]!.length)} shown, used by{" "}
        {count(scene.after[selected]!.length)} shown
      </p>
      <Legend />
    </div>
  );
}

/** How often operations that end the graph were run. */
export function timesOf({ times }: GraphNode): string {
  return times === 1 ? "once" : `${count(times)} times`;
}

/** A node in words. */
export function wordsOf(node: GraphNode): string {
  const hidden = node.hidden > 0 ? `, ${count(node.hidden)} hidden next to it` : "";
  if (node.kind === "operation") return `${node.label}, ${timesOf(node)}: nothing shown was made of it`;
  const what = node.kind === "group" ? `a group of ${count(node.members.length)}` : node.class;
  return `${node.label}: ${what}${node.beside ? ", read beside" : ""}${node.live ? "" : ", dropped"}${hidden}`;
}

/** What stays where it is when the picture changes: of a group, the first that is in it. */
function nameOf(node: GraphNode): string {
  return node.members[0] ?? node.key;
}

function usePainter(
  canvas: { current: HTMLCanvasElement | null },
  props: Props,
  over: number | null,
  clicked: { current: boolean },
) {
  const { scene, selected, subject, way } = props;
  const painter = useRef<Painter | null>(null);
  const before = useRef({ subject: "", name: "" });
  useLayoutEffect(() => {
    painter.current = new Painter(canvas.current!);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const recolour = () => painter.current!.recolour();
    dark.addEventListener("change", recolour);
    return () => {
      dark.removeEventListener("change", recolour);
      painter.current!.end();
    };
  }, []);
  useLayoutEffect(() => {
    const root = scene.graph.nodes[scene.root]!;
    const stay = before.current.subject === subject ? [before.current.name, nameOf(root)] : [];
    painter.current!.show(scene, stay, selected);
  }, [scene, subject]);
  useLayoutEffect(() => {
    const name = nameOf(scene.graph.nodes[selected]!);
    const chosen = before.current.subject === subject && before.current.name !== name;
    // What was clicked can be seen already.
    if (chosen && !clicked.current) painter.current!.reveal(selected);
    clicked.current = false;
    before.current = { subject, name };
  }, [scene, selected, subject]);
  // A way that was asked for is shown whole, once all of it that can be is in the picture.
  const whole = [...way.way].map((at) => nameOf(scene.graph.nodes[at]!)).join("\n");
  useLayoutEffect(() => {
    if (whole) painter.current!.fit(way.way);
  }, [whole]);
  useLayoutEffect(() => painter.current!.mark({ selected, over, ...way }), [scene, selected, over, way]);
  useEffect(() => painter.current!.recolour(), [theme.value]);
  return painter;
}

function Zoom({ painter }: { painter: { current: Painter | null } }) {
  const does: readonly [string, string, string, () => void][] = [
    ["+", "Closer", "+", () => painter.current!.zoom(1.4)],
    ["-", "Farther", "−", () => painter.current!.zoom(1 / 1.4)],
    ["f", "Show all of it", "fit", () => painter.current!.fit()],
  ];
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyped(event)) return;
      const key = event.key === "=" ? "+" : event.key === "_" ? "-" : event.key;
      const found = does.find(([of]) => of === key);
      if (!found) return;
      event.preventDefault();
      found[3]();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  return (
    <div class="lineage-zoom" role="group" aria-label="Zoom">
      {does.map(([key, says, sign, act]) => (
        <button key={key} type="button" title={`${says} (${key})`} aria-label={says} onClick={act}>
          {sign}
        </button>
      ))}
    </div>
  );
}
