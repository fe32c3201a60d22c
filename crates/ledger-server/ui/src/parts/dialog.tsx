import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** A dialog over the page, which keeps the focus and ends with Escape. */
export function Dialog(props: { open: boolean; title: string; close: () => void; children: ComponentChildren; class?: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const shown = dialog.current;
    if (props.open && shown && !shown.open) shown.showModal();
    if (!props.open && shown?.open) shown.close();
  }, [props.open]);
  return (
    <dialog
      ref={dialog}
      class={props.class}
      aria-label={props.title}
      // The browser tells of it later: it may have been opened again by then.
      onClose={() => dialog.current?.open || props.close()}
      onClick={(event) => event.target === dialog.current && props.close()}
    >
      {props.open && (
        <>
          <header>
            <h2>{props.title}</h2>
            <button type="button" class="plain" onClick={props.close} aria-label="Close">
              ✕
            </button>
          </header>
          {props.children}
        </>
      )}
    </dialog>
  );
}
