// What an event says: as a tree, as the exact text, and the digest of that.
import { useEffect, useMemo, useState } from "preact/hooks";
import { bytes } from "../../lib/format.ts";
import { Copy } from "../../parts/copy.tsx";
import { Json } from "../../parts/json.tsx";
import type { Recorded } from "./read.ts";

/** A longer text is shown when one asks for it: to lay it out takes a browser long. */
const LONG = 20_000;

export function Payload({ one }: { one: Recorded }) {
  const text = one.payload;
  const encoded = useMemo(() => new TextEncoder().encode(text), [text]);
  const digest = useDigest(encoded);
  return (
    <section>
      <h2>Payload</h2>
      <Json text={text} label="Payload" base=".payload" />
      <dl class="facts payload-facts">
        <dt>Size</dt>
        <dd>
          {bytes(encoded.length)} <Copy text={text} label="copy exact text" />
        </dd>
        <dt>SHA-256</dt>
        <dd>
          {crypto.subtle ? (
            <>
              <code>{digest ?? "…"}</code> {digest && <Copy text={digest} />}
            </>
          ) : (
            <span class="quiet">
              Not computed: browsers do so only for pages that came by https, or from this machine.
            </span>
          )}
        </dd>
      </dl>
      <Raw text={text} />
    </section>
  );
}

function Raw({ text }: { text: string }) {
  const [open, setOpen] = useState(false);
  const [all, setAll] = useState(false);
  const long = text.length > LONG && !all;
  return (
    <details class="raw" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Exact text</summary>
      {open && <pre>{long ? `${text.slice(0, LONG)}…` : text}</pre>}
      {open && long && (
        <button type="button" onClick={() => setAll(true)}>
          Show all of it
        </button>
      )}
    </details>
  );
}

/** The digest of some bytes, once it is computed. */
function useDigest(of: Uint8Array<ArrayBuffer>): string | null {
  const [digest, setDigest] = useState<string | null>(null);
  useEffect(() => {
    let over = false;
    setDigest(null);
    void crypto.subtle?.digest("SHA-256", of).then((made) => {
      if (!over) setDigest([...new Uint8Array(made)].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
    });
    return () => {
      over = true;
    };
  }, [of]);
  return digest;
}
