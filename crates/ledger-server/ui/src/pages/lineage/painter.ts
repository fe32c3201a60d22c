// Keeps the canvas as it should be: one frame at a time, and only when something changed. A picture that takes long to draw is
// moved as it was drawn last while the viewer moves, and drawn anew as often as that leaves room for.
import { zoomOf } from "../../parts/zoom.ts";
import { type Camera, LABELLED, READABLE, type Size, centred, fitting, moved, showing, under, within, zoomed } from "./camera.ts";
import { type Look, type Marks, UNMARKED, draw } from "./draw.ts";
import { HEIGHT, type Point, type Scene, WIDTH, around, at, bounds } from "./scene.ts";

/** A frame that takes longer makes movement rough. One that takes still longer was not drawn all the time. */
const ROUGH = 24;
const LONGEST = 250;
/** How many times as long as it takes a picture to be drawn the one before is moved instead. */
const REST = 4;

export class Painter {
  private camera: Camera = { x: 0, y: 0, scale: 1 };
  private scene: Scene | null = null;
  private marks: Marks = UNMARKED;
  private look: Look;
  private size: Size = { width: 0, height: 0 };
  private due = 0;
  /** Whether there is something else to draw, and whether the viewer only looks from elsewhere. */
  private stale = true;
  private moving = false;
  /** When the last picture was begun, how long it took, and where it looked from. */
  private began = 0;
  private cost = 0;
  private measuring = false;
  private painted: Camera = this.camera;
  private kept: { canvas: HTMLCanvasElement; camera: Camera } | null = null;
  private readonly context: CanvasRenderingContext2D;
  private readonly sizes: ResizeObserver;
  private start: ((size: Size) => Camera) | null = null;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d", { alpha: false })!;
    this.look = lookOf(canvas);
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(canvas);
  }

  end(): void {
    this.sizes.disconnect();
    cancelAnimationFrame(this.due);
  }

  /** Shows a picture. The first of some artifacts that was there before, too, stays where it is; without one it begins anew. */
  show(scene: Scene, stay: readonly string[], focus: number): void {
    const before = this.scene;
    this.scene = scene;
    const stays = stay.find((name) => before?.places.has(name) && scene.places.has(name));
    if (before && stays !== undefined) {
      const [was, is] = [before.places.get(stays)!, scene.places.get(stays)!];
      const { scale } = this.camera;
      const x = (before.left[was]! - scene.left[is]!) * scale;
      const y = (before.middle[was]! - scene.middle[is]!) * scale;
      this.camera = moved(this.camera, x, y);
    } else {
      this.start = (size) => beginning(scene, size, focus);
      if (this.size.width > 0) this.camera = this.start(this.size);
    }
    this.change();
  }

  mark(marks: Marks): void {
    const { selected, way } = this.marks;
    this.marks = marks;
    // What is under the pointer is not worth a picture that takes long: it is told beside it, too.
    if (this.cost <= ROUGH || selected !== marks.selected || way !== marks.way) this.change();
  }

  /** Takes the colours of the theme anew. */
  recolour(): void {
    this.look = lookOf(this.canvas);
    this.change();
  }

  /** Shows all of the picture, or some of its nodes. */
  fit(nodes?: ReadonlySet<number>): void {
    const { scene } = this;
    if (!scene) return;
    const part = nodes ? around(scene, nodes) : bounds(scene);
    if (this.size.width > 0) this.lookFrom(fitting(part, this.size, zoomOf()));
    else this.start = (size) => fitting(part, size, zoomOf());
  }

  zoom(by: number, point: Point = { x: this.size.width / 2, y: this.size.height / 2 }): void {
    this.lookFrom(zoomed(this.camera, by, point));
  }

  move(x: number, y: number): void {
    this.lookFrom(moved(this.camera, x, y));
  }

  /** Sees to it that a node can be seen, and read. */
  reveal(node: number): void {
    if (!this.scene) return;
    const [left, middle] = [this.scene.left[node]!, this.scene.middle[node]!];
    if (this.camera.scale < READABLE) {
      this.lookFrom(centred({ x: left + WIDTH / 2, y: middle }, this.size, 0.9));
      return;
    }
    this.lookFrom(showing(this.camera, { x: left, y: middle - HEIGHT / 2, width: WIDTH, height: HEIGHT }, this.size));
  }

  at(point: Point): { node: number; stub: boolean } | null {
    return this.scene && at(this.scene, under(this.camera, point));
  }

  private lookFrom(camera: Camera): void {
    if (!this.scene) return;
    this.start = null;
    this.camera = within(camera, bounds(this.scene), this.size);
    this.moving = true;
    this.ask();
  }

  private change(): void {
    this.stale = true;
    this.ask();
  }

  private ask(): void {
    if (!this.due) this.due = requestAnimationFrame((now) => this.frame(now));
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (width === 0 || (width === this.size.width && height === this.size.height)) return;
    this.size = { width, height };
    if (this.start) this.camera = this.start(this.size);
    this.change();
  }

  private frame(now: number): void {
    this.due = 0;
    if (this.measuring) this.measure(now);
    if (!this.scene || this.size.width === 0 || !(this.stale || this.moving)) return;
    if (!this.stale && this.kept && now - this.began < this.cost * (1 + REST)) {
      this.shift(this.kept);
      this.ask();
    } else {
      this.paint(this.scene, now);
    }
  }

  private paint(scene: Scene, now: number): void {
    const ratio = devicePixelRatio;
    const [width, height] = [Math.round(this.size.width * ratio), Math.round(this.size.height * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    draw(this.context, scene, this.camera, this.size, ratio, this.look, this.marks);
    this.painted = this.camera;
    [this.began, this.stale, this.moving, this.measuring] = [now, false, false, true];
    this.ask();
  }

  /** How long a picture took is only known in the next frame, since engines draw later than they are told to. */
  private measure(now: number): void {
    this.measuring = false;
    this.cost = Math.min(now - this.began, LONGEST);
    if (this.cost <= ROUGH) {
      this.kept = null;
      return;
    }
    const canvas = this.kept?.canvas ?? document.createElement("canvas");
    Object.assign(canvas, { width: this.canvas.width, height: this.canvas.height });
    canvas.getContext("2d", { alpha: false })!.drawImage(this.canvas, 0, 0);
    this.kept = { canvas, camera: this.painted };
  }

  private shift({ canvas, camera }: { canvas: HTMLCanvasElement; camera: Camera }): void {
    const grown = this.camera.scale / camera.scale;
    const ratio = devicePixelRatio;
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.fillStyle = this.look.paper;
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    const [x, y] = [this.camera.x - camera.x * grown, this.camera.y - camera.y * grown];
    this.context.drawImage(canvas, x * ratio, y * ratio, canvas.width * grown, canvas.height * grown);
  }
}

/** Where to begin: with all of it if its labels can be read, or else with as much as can be around a node. */
function beginning(scene: Scene, size: Size, focus: number): Camera {
  const all = fitting(bounds(scene), size, zoomOf());
  if (all.scale >= LABELLED) return all;
  return centred({ x: scene.left[focus]! + WIDTH / 2, y: scene.middle[focus]! }, size, READABLE + 0.1);
}

/** Asks the style for colours: a canvas knows nothing of variables and themes. */
function lookOf(canvas: HTMLCanvasElement): Look {
  const colour = (name: string) => {
    canvas.style.color = `var(--${name})`;
    return getComputedStyle(canvas).color;
  };
  return {
    paper: colour("paper"),
    ink: colour("ink"),
    soft: colour("soft"),
    link: colour("lineage-link"),
    chosen: colour("blue"),
    root: colour("lineage-root"),
    way: colour("violet"),
    group: colour("lineage-group"),
    fill: {
      input: colour("lineage-input"),
      intermediate: colour("lineage-intermediate"),
      target: colour("lineage-target"),
    },
  };
}
