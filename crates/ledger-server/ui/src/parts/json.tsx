// JSON as a tree that opens where one looks. It shows the text as it was written: numbers keep all their digits.
import "./json.css";
import { type Signal, useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { count } from "../lib/format.ts";
import { type Part, type Piece, partsOf, piece, plain, sortOf, source, step } from "../lib/json.ts";
import { Copy } from "./copy.tsx";

/** Up to so many parts are shown at once; more are shown in ranges. */
const STEP = 100;
/** A text up to so long is open all the way. */
const SMALL = 4_000;
/** So much is shown of a longer string, until one asks for all of it. */
const LONG = 1_000;

interface Chosen {
  value: Piece;
  path: string;
}

interface Place {
  path: string;
  depth: number;
  chosen: Signal<Chosen | null>;
}

/**
 * A JSON text as a tree. `base` is where it stands in what `jq` would read, such as `.payload`. Of a value that was parsed
 * already, give its `JSON.stringify`.
 */
export function Json({ text, label, base = "." }: { text: string; label: string; base?: string }) {
  const root = useMemo(() => read(text), [text]);
  const chosen = useSignal<Chosen | null>(null);
  if (!root) return <pre>{text}</pre>;
  return (
    <div class="json-box">
      <Choice chosen={chosen} />
      <div class="json" role="group" aria-label={label} tabIndex={0}>
        <Node value={root} path={base} depth={0} chosen={chosen} />
      </div>
    </div>
  );
}

function read(text: string): Piece | null {
  try {
    return piece(text);
  } catch {
    return null;
  }
}

/** What is chosen, to be copied. */
function Choice({ chosen }: { chosen: Signal<Chosen | null> }) {
  const at = chosen.value;
  return (
    <p class="json-choice">
      {at ? (
        <>
          <code>{at.path}</code>
          <Copy text={() => copied(at.value)} label="copy value" />
          <Copy text={at.path} label="copy path" />
        </>
      ) : (
        <span class="quiet">Choose a name to copy its value or its path.</span>
      )}
    </p>
  );
}

/** A string is copied as what it says, all else as it was written. */
function copied(value: Piece): string {
  return sortOf(value) === "string" ? String(plain(value)) : source(value);
}

function Node(props: Place & { name?: string | number; value: Piece }) {
  const sort = sortOf(props.value);
  return sort === "object" || sort === "array" ? <Branch {...props} /> : <Leaf {...props} />;
}

function Branch(props: Place & { name?: string | number; value: Piece }) {
  const { name, value, path, depth, chosen } = props;
  const parts = useMemo(() => partsOf(value), [value.text, value.from]);
  const [open, setOpen] = useState(depth === 0 || value.text.length <= SMALL);
  const here = useComputed(() => chosen.value?.value.from === value.from).value;
  const [before, after] = sortOf(value) === "array" ? ["[", "]"] : ["{", "}"];
  if (parts.length === 0) return <Line {...props} shown={<span class="literal">{before + after}</span>} />;
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary aria-current={here || undefined} onClick={() => (chosen.value = { value, path })}>
        <Name name={name} />
        <span class="json-size">
          {before}
          {count(parts.length)}
          {after}
        </span>{" "}
        {!open && <span class="quiet json-glimpse">{glimpse(value)}</span>}
      </summary>
      {open && <Range {...props} parts={parts} from={0} to={parts.length} />}
    </details>
  );
}

/** Some of the parts: each by itself when they are few, or else in ranges that open. */
function Range(props: Place & { parts: readonly Part[]; from: number; to: number }) {
  const { parts, from, to, path, depth, chosen } = props;
  if (to - from <= STEP) {
    return (
      <>
        {parts.slice(from, to).map(({ key, value }) => (
          <Node key={value.from} name={key} value={value} path={step(path, key)} depth={depth + 1} chosen={chosen} />
        ))}
      </>
    );
  }
  let size = STEP;
  while (size * STEP < to - from) size *= STEP;
  const starts = Array.from({ length: Math.ceil((to - from) / size) }, (_, at) => from + at * size);
  return (
    <>
      {starts.map((start) => (
        <Closed key={start} first={start === 0} title={title(parts, start, Math.min(start + size, to))}>
          {() => <Range {...props} from={start} to={Math.min(start + size, to)} />}
        </Closed>
      ))}
    </>
  );
}

function Closed(props: { first: boolean; title: string; children: () => ComponentChildren }) {
  const [open, setOpen] = useState(props.first);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class="quiet">{props.title}</summary>
      {open && props.children()}
    </details>
  );
}

function title(parts: readonly Part[], from: number, to: number): string {
  const name = (at: number) => {
    const { key } = parts[at]!;
    return String(key).slice(0, 40);
  };
  return `${name(from)} to ${name(to - 1)}`;
}

function glimpse(value: Piece): string {
  const text = value.text.slice(value.from, Math.min(value.to, value.from + 200)).replace(/\s+/g, " ");
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function Leaf(props: Place & { name?: string | number; value: Piece }) {
  const { value } = props;
  if (sortOf(value) === "string") return <Line {...props} shown={<Text value={value} />} />;
  return <Line {...props} shown={<span class="literal">{source(value)}</span>} />;
}

function Line(props: Place & { name?: string | number; value: Piece; shown: ComponentChildren }) {
  const { name, value, path, chosen, shown } = props;
  const here = useComputed(() => chosen.value?.value.from === value.from).value;
  return (
    <div class="leaf" aria-current={here || undefined}>
      {name === undefined ? (
        shown
      ) : (
        <>
          <button type="button" class="json-name" onClick={() => (chosen.value = { value, path })}>
            <Name name={name} />
          </button>
          {shown}
        </>
      )}
    </div>
  );
}

function Name({ name }: { name: string | number | undefined }) {
  if (name === undefined) return null;
  return (
    <>
      <span class="key-name">{name === "" ? '""' : name}</span>
      {": "}
    </>
  );
}

/** A string as it was written; one of several lines is shown in these lines, without its escapes. */
function Text({ value }: { value: Piece }) {
  const [whole, setWhole] = useState(false);
  const written = source(value);
  const text = /\\n/.test(written) ? `"${plain(value)}"` : written;
  const cut = !whole && text.length > LONG;
  return (
    <span class="text">
      {cut ? `${text.slice(0, LONG)}…` : text}
      {cut && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {count(text.length)} characters
        </button>
      )}
    </span>
  );
}
