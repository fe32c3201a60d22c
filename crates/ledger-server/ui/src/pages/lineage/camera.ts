// Where the viewer looks: a point of the screen is a point of the picture times the scale, and moved.
import type { Box, Point } from "./scene.ts";

export interface Camera {
  x: number;
  y: number;
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

const LEAST = 0.005;
const MOST = 3;
const LARGEST_FIT = 1.25;
/** From here on boxes have labels, and from here on these can be read whole. */
export const LABELLED = 0.3;
export const READABLE = 0.6;

/** The point of the picture that is at a point of the screen. */
export function under(camera: Camera, { x, y }: Point): Point {
  return { x: (x - camera.x) / camera.scale, y: (y - camera.y) / camera.scale };
}

/** The part of the picture that is on the screen. */
export function seenBy(camera: Camera, size: Size): Box {
  const { x, y } = under(camera, { x: 0, y: 0 });
  return { x, y, width: size.width / camera.scale, height: size.height / camera.scale };
}

/** Comes nearer or goes away; what is at the point stays there. */
export function zoomed(camera: Camera, by: number, { x, y }: Point): Camera {
  const scale = Math.min(MOST, Math.max(LEAST, camera.scale * by));
  const grown = scale / camera.scale;
  return { x: x - (x - camera.x) * grown, y: y - (y - camera.y) * grown, scale };
}

export function moved(camera: Camera, x: number, y: number): Camera {
  return { ...camera, x: camera.x + x, y: camera.y + y };
}

/** Keeps some of the picture on the screen, wherever the viewer wants to go. */
export function within(camera: Camera, all: Box, size: Size): Camera {
  const room = 60;
  const keep = (start: number, from: number, length: number, screen: number) => {
    const [least, most] = [room - (from + length) * camera.scale, screen - room - from * camera.scale];
    return Math.min(Math.max(start, least), most);
  };
  const { scale } = camera;
  return { x: keep(camera.x, all.x, all.width, size.width), y: keep(camera.y, all.y, all.height, size.height), scale };
}

/** Shows all of a part of the picture, not much larger than it is, or than all else is drawn. */
export function fitting(part: Box, size: Size, zoom = 1): Camera {
  const scale = Math.max(LEAST, Math.min(LARGEST_FIT * zoom, size.width / part.width, size.height / part.height));
  return centred({ x: part.x + part.width / 2, y: part.y + part.height / 2 }, size, scale);
}

export function centred({ x, y }: Point, size: Size, scale: number): Camera {
  return { x: size.width / 2 - x * scale, y: size.height / 2 - y * scale, scale };
}

/** Moves no more than it takes for a part of the picture to be on the screen, with some room around it. */
export function showing(camera: Camera, part: Box, size: Size): Camera {
  const room = 24;
  const shift = (start: number, length: number, all: number) => {
    if (start < room) return room - start;
    return start + length > all - room ? Math.max(all - room - start - length, room - start) : 0;
  };
  const { scale } = camera;
  return moved(
    camera,
    shift(camera.x + part.x * scale, part.width * scale, size.width),
    shift(camera.y + part.y * scale, part.height * scale, size.height),
  );
}
