import { useState } from "preact/hooks";

/** A button that copies a text. */
export function Copy(props: { text: string | (() => string | Promise<string>); label?: string; title?: string | undefined }) {
  const { text, label = "copy", title } = props;
  const [said, setSaid] = useState<string | null>(null);
  const copy = async () => {
    try {
      await write(typeof text === "string" ? text : await text());
      setSaid("copied");
    } catch {
      setSaid("could not copy");
    }
    setTimeout(() => setSaid(null), 1_500);
  };
  return (
    <button type="button" class="copy" title={title} onClick={() => void copy()}>
      <span aria-live="polite">{said ?? label}</span>
    </button>
  );
}

/** Off `localhost` and without TLS a browser has no clipboard for pages. */
async function write(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("the browser refuses");
}
