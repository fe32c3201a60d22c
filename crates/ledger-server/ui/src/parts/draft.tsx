// A field whose text counts once it is left, or Enter is pressed. Until then it stays, whatever is drawn anew around it.
import { useState } from "preact/hooks";

interface Props {
  /** What counts now. */
  value: string;
  commit: (text: string) => void;
  type?: "text" | "number";
  list?: string;
  min?: number;
  max?: number;
  step?: number;
  placeholder?: string;
  "data-search"?: boolean;
}

export function Draft({ value, commit, list, ...others }: Props) {
  const [given, setGiven] = useState(value);
  const [text, setText] = useState(value);
  if (value !== given) {
    setGiven(value);
    setText(value);
  }
  return (
    <input
      autocomplete="off"
      spellcheck={false}
      {...others}
      list={list}
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
      onChange={(event) => {
        const written = event.currentTarget.value.trim();
        if (written !== value) commit(written);
        // What is not taken as it was written gives way to what counts.
        setText(value);
      }}
    />
  );
}
