// The lineage in other forms, as the server writes them.
import { askText, fill } from "../../lib/api.ts";
import { count } from "../../lib/format.ts";
import { asOf, search } from "../../lib/router.ts";
import { Copy } from "../../parts/copy.tsx";
import { asking } from "./read.ts";
import type { View } from "./view.ts";

/** The longest that a prompt is; it says itself what it leaves out. */
const TOKENS = 8_000;

const forms = [
  ["prompt", `prompt text (up to ${count(TOKENS)} tokens)`],
  ["tree", "tree"],
  ["mermaid", "Mermaid"],
  ["dot", "DOT"],
  ["svg", "SVG"],
] as const;

function addressOf(view: View, format: string): string {
  const path = fill("/api/v1/lineage/{artifact}", { artifact: view.of });
  return path + search({ ...asking(view), format, budget: format === "prompt" && TOKENS, as_of: asOf.value });
}

export function Formats({ view }: { view: View }) {
  const text = (format: string) => () => askText(addressOf(view, format));
  const byHand = view.expanded.length > 0 || view.grouping !== null;
  return (
    <p class="row lineage-formats">
      <span class="quiet">Copy as</span>
      {forms.map(([format, label]) => (
        <Copy key={format} text={text(format)} label={label} />
      ))}
      <a href={addressOf(view, "svg")} download={`${view.of.replace(/[^\w.-]+/g, "_")}.svg`}>
        Download SVG
      </a>
      {byHand && <span class="quiet">without what was expanded by hand or put together</span>}
    </p>
  );
}
