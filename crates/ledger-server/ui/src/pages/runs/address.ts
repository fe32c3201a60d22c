import { place } from "../../lib/router.ts";

/** A whole number of the address, within bounds. */
export function wholeOf(name: string, otherwise: number, most: number): number {
  const value = Number(place.value.params.get(name) ?? otherwise);
  return Number.isInteger(value) && value >= 0 && value <= most ? value : otherwise;
}
