// A field whose text counts once it is left, or Enter is pressed. Until then it stays, whatever is drawn anew around it.
import { useState } from "preact/hooks";

interface Props {
  /** What counts now. */
  value: string;
  commit: (text: string) => void;
  type?: "text" | "number" | "datetime-local";
  list?: string;
  min?: number;
  max?: number;
  step?: number;
  placeholder?: string;
  "data-search"?: boolean;
}

interface Told {
  currentTarget: HTMLInputElement;
}

export function Draft({ value, commit, list, ...others }: Props) {
  const [given, setGiven] = useState(value);
  const [text, setText] = useState(value);
  if (value !== given) {
    setGiven(value);
    setText(value);
  }
  const end = (field: HTMLInputElement) => {
    const written = field.value.trim();
    const half = field.validity.badInput;
    if (written !== value && !half) commit(written);
    // What is not taken as it was written gives way to what counts. Half a time is no text, so nothing else takes it away.
    setText(value);
    if (half) field.value = value;
  };
  // A field of a time calls each part of it that is written a change.
  const ends =
    others.type === "datetime-local"
      ? {
          onBlur: (event: Told) => end(event.currentTarget),
          onKeyDown: (event: Told & { key: string }) => event.key === "Enter" && end(event.currentTarget),
        }
      : { onChange: (event: Told) => end(event.currentTarget) };
  return (
    <input
      autocomplete="off"
      spellcheck={false}
      {...others}
      {...ends}
      list={list}
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  );
}
