import { useRef } from "preact/hooks";

export interface Kept<T> {
  data: T | null;
  /** It answers another question: it has to be shown as old until it is replaced. */
  old: boolean;
  /** There is newer, which is held back. */
  behind: boolean;
}

/** The last that was read, also while something else is read; and, while `still`, nothing newer than that. */
export function useKept<T>(data: T | null, question: string, still = false): Kept<T> {
  const kept = useRef<{ data: T | null; question: string }>({ data: null, question });
  const other = kept.current.data === null || kept.current.question !== question;
  if (data !== null && (other || !still)) kept.current = { data, question };
  return {
    data: kept.current.data,
    old: kept.current.question !== question,
    behind: data !== null && data !== kept.current.data,
  };
}
