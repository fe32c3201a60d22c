import { useState } from "preact/hooks";
import { type Problem, get, send } from "../../lib/api.ts";
import { useRead } from "../../lib/use.ts";
import { Copy } from "../../parts/copy.tsx";
import { Shown, Trouble } from "../../parts/said.tsx";
import { Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";

const SCOPES = ["read", "append", "admin"] as const;

/** Who may ask. A token is shown once, when it is made. */
export function Tokens() {
  const [turn, setTurn] = useState(0);
  const [made, setMade] = useState<{ name: string; token: string } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const held = useRead(`tokens ${turn}`, (signal) => get("/api/v1/tokens", {}, {}, signal), "tokens");
  const act = async (work: () => Promise<void>) => {
    try {
      setProblem(null);
      await work();
    } catch (error) {
      setProblem(error as Problem);
    }
    setTurn((turn) => turn + 1);
  };
  if (held.data?.file === false) {
    return (
      <section aria-labelledby="tokens">
        <h2 id="tokens">Tokens</h2>
        <p class="quiet">
          There is no file of tokens: <code>ledger token new NAME --scope read</code>, then{" "}
          <code>ledger serve --tokens ledger-tokens.json</code>
        </p>
      </section>
    );
  }
  return (
    <section aria-labelledby="tokens">
      <h2 id="tokens">Tokens</h2>
      <NewToken
        make={(name, scopes) =>
          act(async () => setMade(await send("POST", "/api/v1/tokens", { name, scopes })))
        }
      />
      {made && (
        <p role="status">
          The token {made.name}, which is shown this once: <code class="token">{made.token}</code> <Copy text={made.token} />
        </p>
      )}
      {problem && <Trouble problem={problem} />}
      <Shown held={held}>
        {({ tokens }) => (
          <Table
            label="Tokens"
            rows={tokens}
            keyOf={(token) => token.name}
            columns={[
              { key: "name", title: "Name", cell: (token) => token.name },
              { key: "scopes", title: "May", cell: (token) => token.scopes.join(", ") },
              { key: "created", title: "Made", cell: (token) => <Time at={token.created_at} /> },
              {
                key: "revoke",
                title: <span class="unseen">Revoke</span>,
                cell: (token) => (
                  <Revoke
                    name={token.name}
                    revoke={() =>
                      act(async () => void (await send("DELETE", `/api/v1/tokens/${encodeURIComponent(token.name)}`)))
                    }
                  />
                ),
              },
            ]}
          />
        )}
      </Shown>
    </section>
  );
}

function NewToken({ make }: { make: (name: string, scopes: string[]) => Promise<void> }) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(["read"]);
  return (
    <form
      class="row end"
      onSubmit={(event) => {
        event.preventDefault();
        void make(name.trim(), scopes).then(() => setName(""));
      }}
    >
      <label>
        Name
        <input value={name} required onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      {SCOPES.map((scope) => (
        <label key={scope} class="inline">
          <input
            type="checkbox"
            checked={scopes.includes(scope)}
            onChange={(event) =>
              setScopes(event.currentTarget.checked ? [...scopes, scope] : scopes.filter((one) => one !== scope))
            }
          />
          {scope}
        </label>
      ))}
      <button type="submit" disabled={!name.trim() || scopes.length === 0}>
        Make a token
      </button>
    </form>
  );
}

/** Revoking takes a second press: what is revoked does not come back. */
function Revoke({ name, revoke }: { name: string; revoke: () => void }) {
  const [sure, setSure] = useState(false);
  return sure ? (
    <span class="row">
      <button type="button" class="danger" onClick={revoke}>
        Revoke {name}
      </button>
      <button type="button" class="plain" onClick={() => setSure(false)}>
        keep
      </button>
    </span>
  ) : (
    <button type="button" onClick={() => setSure(true)}>
      Revoke…
    </button>
  );
}
