// What a view says while it has nothing to show.
import type { ComponentChildren } from "preact";
import type { Held } from "../lib/use.ts";
import type { Problem } from "../lib/api.ts";
import { need } from "../lib/shell.ts";
import { Copy } from "./copy.tsx";

export function Trouble({ problem, again }: { problem: Problem; again?: () => void }) {
  return (
    <p class="bad" role="alert">
      {problem.status === 403 ? `You may not see this: ${problem.message}` : problem.message}{" "}
      {again && problem.status !== 403 && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </p>
  );
}

/** Nothing is there: what would fill it is a command away. */
export function Empty({ children, command }: { children: ComponentChildren; command?: string | undefined }) {
  return (
    <div class="empty">
      <p>{children}</p>
      {command && <Command text={command} />}
      {command && <Need />}
    </div>
  );
}

export function Command({ text }: { text: string }) {
  return (
    <p class="command">
      <code>{text}</code> <Copy text={text} />
    </p>
  );
}

/** What one has to have before a command does what it says. */
export function Need() {
  const text = need();
  return text ? <p class="quiet">{text}</p> : null;
}

/** Shows what was read; before that, that it is read; and what went wrong beside the last that was. */
export function Shown<T>({ held, children }: { held: Held<T>; children: (data: T) => ComponentChildren }) {
  return (
    <>
      {held.problem && <Trouble problem={held.problem} again={held.reload} />}
      {held.data !== null ? children(held.data) : !held.problem && <p class="quiet loading">reading…</p>}
    </>
  );
}
