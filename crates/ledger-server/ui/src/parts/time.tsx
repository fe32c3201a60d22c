// Times in the viewer's zone, with UTC under the pointer.
import { useEffect, useState } from "preact/hooks";
import { ago, local, millis } from "../lib/format.ts";

/** The clock, read again every so many milliseconds; 0 is never. */
export function useClock(every: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!every) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

export function Time({ at, relative = false }: { at: string; relative?: boolean }) {
  const now = useClock(relative ? 10_000 : 0);
  return (
    <time dateTime={at} title={`${at.replace("T", " ").replace("Z", "")} UTC`}>
      {relative ? ago(millis(at), Math.max(now, millis(at))) : local(at)}
    </time>
  );
}
