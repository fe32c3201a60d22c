// Lineage: where artifacts came from, and what came of them.
import "./lineage.css";
import { place } from "../lib/router.ts";
import { Explorer } from "./lineage/explorer.tsx";
import { Start } from "./lineage/start.tsx";

export function LineagePage(_: { name: string }) {
  return place.value.params.get("of") ? <Explorer /> : <Start />;
}
