// A field that searches while one writes; what it holds stands in the address.
import { useEffect, useRef, useState } from "preact/hooks";

/** Who writes on is not asked for yet. */
const PAUSE = 150;

export function Search(props: { label: string; value: string; placeholder?: string; search: (text: string) => void }) {
  const [text, setText] = useState(props.value);
  const sent = useRef(props.value);
  useEffect(() => {
    // The address was changed by others, such as by going back.
    if (props.value !== sent.current) setText((sent.current = props.value));
  }, [props.value]);
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === sent.current.trim()) return;
    const timer = setTimeout(() => props.search((sent.current = wanted)), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label class="search">
      {props.label}
      <input
        data-search
        type="search"
        placeholder={props.placeholder}
        value={text}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </label>
  );
}
