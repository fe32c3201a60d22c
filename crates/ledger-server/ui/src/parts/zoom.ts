// How much larger than usual things are: on very wide screens the root's font grows, and pictures and rows grow with it.
import { useLayoutEffect, useState } from "preact/hooks";

/** The size of the root's font on usual screens, as style.css has it. */
const USUAL = 15;

/** A length of so many pixels on a usual screen. */
export function rem(pixels: number): string {
  return `${Number((pixels / USUAL).toFixed(4))}rem`;
}

export function zoomOf(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL;
}

/** How much larger than usual things are now; the size of the window tells. */
export function useZoom(): number {
  const [zoom, setZoom] = useState(zoomOf);
  useLayoutEffect(() => {
    const look = () => setZoom(zoomOf());
    addEventListener("resize", look);
    return () => removeEventListener("resize", look);
  }, []);
  return zoom;
}
