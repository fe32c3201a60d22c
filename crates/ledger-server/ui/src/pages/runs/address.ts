import { type Params, href, place } from "../../lib/router.ts";

/** The address of this page with some parameters changed. */
export function here(changes: Params): string {
  return href(place.value.path, { ...Object.fromEntries(place.value.params), ...changes });
}

/** A whole number of the address, within bounds. */
export function wholeOf(name: string, otherwise: number, most: number): number {
  const value = Number(place.value.params.get(name) ?? otherwise);
  return Number.isInteger(value) && value >= 0 && value <= most ? value : otherwise;
}
