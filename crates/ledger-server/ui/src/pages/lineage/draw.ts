// Draws a part of the picture. What looks the same is drawn in one go, and nothing that nobody could make out.
import { brief } from "../../lib/format.ts";
import { type Camera, LABELLED, READABLE, type Size, seenBy } from "./camera.ts";
import type { Class } from "./graph.ts";
import { type Box, HEIGHT, SHOWN, type Scene, WIDTH, crosses, labelOf, stubOf, trace } from "./scene.ts";

/** The colours, which are those of the theme. */
export interface Look {
  paper: string;
  ink: string;
  soft: string;
  link: string;
  chosen: string;
  root: string;
  way: string;
  group: string;
  fill: Record<Class, string>;
}

/** What is marked. */
export interface Marks {
  selected: number | null;
  over: number | null;
  /** The nodes and links of the way that was asked for. */
  way: ReadonlySet<number>;
  wayLinks: ReadonlySet<number>;
}

export const UNMARKED: Marks = { selected: null, over: null, way: new Set(), wayLinks: new Set() };

interface Pen {
  context: CanvasRenderingContext2D;
  scene: Scene;
  scale: number;
  look: Look;
  part: Box;
}

/** From here on links are bent, and boxes have borders; smaller ones are points and lines. */
const SHAPED = 0.22;
/** How much is left of the colours of what was only read beside. */
const PALE = 0.4;
const PALE_LETTERS = 0.65;
/** The size of letters in a box, and the least that they have on the screen. */
const LETTER = 12;
const LEAST_LETTER = 8;
/** The width of a letter for its size, as the fonts of code have it. */
const WIDE = 0.61;
/** How many links are drawn in one go: engines get slow with paths of very many. */
const BATCH = 400;

export function draw(
  context: CanvasRenderingContext2D,
  scene: Scene,
  camera: Camera,
  size: Size,
  ratio: number,
  look: Look,
  marks: Marks,
): void {
  const { scale } = camera;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = look.paper;
  context.fillRect(0, 0, size.width * ratio, size.height * ratio);
  context.setTransform(scale * ratio, 0, 0, scale * ratio, camera.x * ratio, camera.y * ratio);
  const pen: Pen = { context, scene, scale, look, part: seenBy(camera, size) };
  const seen = seenNodes(pen);
  links(pen, marks);
  if (scale < SHAPED) points(pen, seen);
  else boxes(pen, seen);
  outlines(pen, marks);
  labels(pen, seen);
  stubs(pen, seen);
}

function seenNodes({ scene, part }: Pen): number[] {
  const seen: number[] = [];
  const [right, below] = [part.x + part.width, part.y + part.height];
  for (let at = 0; at < scene.left.length; at += 1) {
    const [x, y] = [scene.left[at]!, scene.middle[at]!];
    // What is drawn around a box does not go further.
    if (x + WIDTH + HEIGHT > part.x && x - HEIGHT < right && y + HEIGHT > part.y && y - HEIGHT < below) seen.push(at);
  }
  return seen;
}

function links(pen: Pen, marks: Marks): void {
  const { scene, look } = pen;
  const plain: number[] = [];
  const near = new Set(marks.selected === null ? [] : scene.links[marks.selected]);
  scene.graph.links.forEach(({ from, to }, at) => {
    if (!near.has(at) && !marks.wayLinks.has(at) && crosses(scene, from, to, pen.part)) plain.push(at);
  });
  const beside = ({ from, to }: { from: number; to: number }) => scene.graph.nodes[from]!.beside || scene.graph.nodes[to]!.beside;
  const [pale, full] = [true, false].map((is) => plain.filter((at) => beside(scene.graph.links[at]!) === is));
  pen.context.globalAlpha = PALE;
  strokeLinks(pen, pale!, look.link, 1.3);
  pen.context.globalAlpha = 1;
  strokeLinks(pen, full!, look.link, 1.3);
  strokeLinks(pen, [...near].filter((at) => !marks.wayLinks.has(at)), look.chosen, 2.2);
  strokeLinks(pen, [...marks.wayLinks], look.way, 4);
}

function strokeLinks(pen: Pen, some: readonly number[], colour: string, width: number): void {
  const { context, scene, scale } = pen;
  context.strokeStyle = colour;
  context.lineWidth = Math.max(width, 0.7 / scale);
  for (let first = 0; first < some.length; first += BATCH) {
    context.beginPath();
    for (const at of some.slice(first, first + BATCH)) {
      const { from, to } = scene.graph.links[at]!;
      if (scale >= SHAPED) {
        trace(context, scene, from, to);
      } else {
        context.moveTo(scene.left[from]! + WIDTH, scene.middle[from]!);
        context.lineTo(scene.left[to]!, scene.middle[to]!);
      }
    }
    context.stroke();
  }
  if (scale >= SHAPED) arrows(pen, some, colour, width);
}

function arrows({ context, scene }: Pen, some: readonly number[], colour: string, width: number): void {
  const [long, wide] = [6 + width, 2.5 + width];
  context.fillStyle = colour;
  context.beginPath();
  for (const at of some) {
    const { to } = scene.graph.links[at]!;
    const [x, y] = [scene.left[to]!, scene.middle[to]!];
    context.moveTo(x, y);
    context.lineTo(x - long, y - wide);
    context.lineTo(x - long, y + wide);
  }
  context.fill();
}

/** Nodes that look the same, by what they look like. */
function alike({ scene }: Pen, seen: readonly number[]): number[][] {
  const found = new Map<string, number[]>();
  for (const at of seen) {
    const node = scene.graph.nodes[at]!;
    if (node.kind === "operation") continue;
    const key = `${node.kind} ${node.class} ${node.live} ${node.beside}`;
    const known = found.get(key);
    if (known) known.push(at);
    else found.set(key, [at]);
  }
  return [...found.values()];
}

function fillOf({ scene, look }: Pen, at: number): string {
  const node = scene.graph.nodes[at]!;
  return node.kind === "group" ? look.group : look.fill[node.class];
}

/** From far away: what is live is full, what was dropped a line. */
function points(pen: Pen, seen: readonly number[]): void {
  const { context, scene, scale, look } = pen;
  const height = Math.max(HEIGHT, 1.5 / scale);
  for (const some of alike(pen, seen)) {
    context.globalAlpha = scene.graph.nodes[some[0]!]!.beside ? PALE : 1;
    const high = scene.graph.nodes[some[0]!]!.live ? height : height / 3;
    context.beginPath();
    for (const at of some) context.rect(scene.left[at]!, scene.middle[at]! - high / 2, WIDTH, high);
    context.fillStyle = fillOf(pen, some[0]!);
    context.fill();
    context.strokeStyle = look.soft;
    context.lineWidth = 0.6 / scale;
    if (scale * HEIGHT > 2) context.stroke();
  }
  context.globalAlpha = 1;
}

function boxes(pen: Pen, seen: readonly number[]): void {
  const { context, scene, scale, look } = pen;
  context.strokeStyle = look.soft;
  context.lineWidth = Math.max(1, 0.6 / scale);
  for (const some of alike(pen, seen)) {
    const node = scene.graph.nodes[some[0]!]!;
    const round = node.class === "input" ? HEIGHT / 2 : 5;
    context.fillStyle = fillOf(pen, some[0]!);
    context.setLineDash(node.live ? [] : [5, 3]);
    context.globalAlpha = node.beside ? PALE : 1;
    // A group lies on others.
    for (const shift of node.kind === "group" ? [4, 0] : [0]) {
      context.beginPath();
      for (const at of some) outline(context, scene, at, round, 0, shift);
      context.fill();
      context.stroke();
    }
    if (node.class !== "target") continue;
    context.beginPath();
    for (const at of some) outline(context, scene, at, 2, 4);
    context.stroke();
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
}

function outline(path: CanvasPath, scene: Scene, at: number, round: number, inset: number, shift: number = 0): void {
  const [x, y] = [scene.left[at]! + inset + shift, scene.middle[at]! - HEIGHT / 2 + inset - shift];
  path.roundRect(x, y, WIDTH - 2 * inset, HEIGHT - 2 * inset, round);
}

function outlines({ context, scene, scale, look }: Pen, marks: Marks): void {
  const stroke = (some: Iterable<number>, colour: string, width: number, out: number) => {
    context.beginPath();
    for (const at of some) outline(context, scene, at, 5 + out, -out);
    context.strokeStyle = colour;
    context.lineWidth = Math.max(width, (width * 0.6) / scale);
    context.stroke();
  };
  stroke(marks.way, look.way, 2.5, 2);
  stroke([scene.root], look.root, 3, 0);
  if (marks.over !== null) stroke([marks.over], look.soft, 1.5, 2);
  if (marks.selected !== null) stroke([marks.selected], look.chosen, 3, 5);
}

function labels({ context, scene, scale, look }: Pen, seen: readonly number[]): void {
  if (scale < LABELLED) return;
  const size = Math.max(LETTER, LEAST_LETTER / scale);
  const letters = Math.floor((WIDTH - 1.5 * size) / (size * WIDE));
  context.textBaseline = "middle";
  for (const at of seen) {
    const node = scene.graph.nodes[at]!;
    const ends = node.kind === "operation";
    const style = ends ? "italic " : at === scene.root ? "bold " : "";
    context.font = `${style}${size}px ui-monospace, Menlo, Consolas, monospace`;
    context.fillStyle = node.live ? look.ink : look.soft;
    context.globalAlpha = node.beside ? PALE_LETTERS : 1;
    context.textAlign = ends ? "left" : "center";
    context.fillText(labelOf(node, Math.min(letters, SHOWN)), scene.left[at]! + (ends ? 6 : WIDTH / 2), scene.middle[at]! + 0.5);
  }
  context.globalAlpha = 1;
}

function stubs({ context, scene, scale, look }: Pen, seen: readonly number[]): void {
  if (scale < SHAPED) return;
  const found = seen.map((at) => ({ at, box: stubOf(scene, at) })).filter((stub) => stub.box !== null);
  context.beginPath();
  for (const { box } of found) context.roundRect(box!.x, box!.y, box!.width, box!.height, box!.height / 2);
  context.fillStyle = look.paper;
  context.strokeStyle = look.chosen;
  context.lineWidth = Math.max(1, 0.6 / scale);
  context.fill();
  context.stroke();
  if (scale < LABELLED) return;
  const room = scale >= READABLE;
  context.font = `${room ? 10 : 15}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = look.chosen;
  for (const { at, box } of found) {
    const hidden = scene.graph.nodes[at]!.hidden;
    const many = hidden < 1_000 ? String(hidden) : brief(hidden).replace(" ", "");
    const text = room ? `${many} hidden` : `+${many}`;
    context.fillText(text, box!.x + box!.width / 2, box!.y + box!.height / 2 + 0.5);
  }
}
