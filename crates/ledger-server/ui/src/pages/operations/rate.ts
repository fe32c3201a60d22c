import { percent } from "../../lib/format.ts";

/** A part of all, from 0 to 1. What is not none is not written as none, nor what is not all as all. */
export function rate(part: number): string {
  if (part > 0 && part < 0.0005) return "< 0.1 %";
  if (part < 1 && part >= 0.99995) return "> 99.99 %";
  return percent(part);
}
