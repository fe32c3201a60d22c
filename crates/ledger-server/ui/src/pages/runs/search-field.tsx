// A field that searches while one writes; what it holds stands in the address.
import { useEffect, useRef, useState } from "preact/hooks";

const PAUSE = 150;

export function SearchField(props: { label: string; placeholder: string; value: string; search: (text: string) => void }) {
  const [text, setText] = useState(props.value);
  const sent = useRef(props.value);
  const search = useRef(props.search);
  search.current = props.search;
  useEffect(() => {
    // The address was changed by others, such as by going back.
    if (props.value !== sent.current) setText((sent.current = props.value));
  }, [props.value]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => search.current((sent.current = text)), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label>
      {props.label}
      <input
        type="search"
        data-search
        placeholder={props.placeholder}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </label>
  );
}
