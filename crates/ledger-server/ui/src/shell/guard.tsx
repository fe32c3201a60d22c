// A view that fails says so, and takes nothing else along.
import type { ComponentChildren } from "preact";
import { useEffect, useErrorBoundary } from "preact/hooks";
import { place } from "../lib/router.ts";

export function Guard({ children }: { children: ComponentChildren }) {
  const [fault, again] = useErrorBoundary((fault) => console.error(fault));
  const here = place.value;
  useEffect(() => {
    if (fault) again();
  }, [here]);
  if (!fault) return <>{children}</>;
  return (
    <>
      <h1>This view failed</h1>
      <p class="bad" role="alert">
        It is a fault of the page, not of the ledger: {String((fault as Error).message ?? fault)}{" "}
        <button type="button" onClick={again}>
          Try again
        </button>
      </p>
    </>
  );
}
