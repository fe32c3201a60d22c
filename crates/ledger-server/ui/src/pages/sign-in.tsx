// Signing in: a token is exchanged for a cookie that no script can read.
import "./sign-in.css";
import { useState } from "preact/hooks";
import { send, signedIn, whoAmI } from "../lib/api.ts";
import { nextOf } from "../lib/next.ts";
import { go, place } from "../lib/router.ts";

export function SignInPage(_: { name: string }) {
  const [token, setToken] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const next = nextOf(place.value.params.get("next"));
  const signIn = async () => {
    setBusy(true);
    try {
      await send("POST", "/sign-in", { token: token.trim() });
      await whoAmI();
      setToken("");
      go(next, "replace");
    } catch (error) {
      setWrong((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main class="sign-in" id="main" tabIndex={-1}>
      <h1>
        <img src="/assets/favicon.svg" alt="" width="28" height="28" /> ledger
      </h1>
      {signedIn.value?.auth === "open" ? (
        <p>
          This server asks for no token. <a href={next}>Go on</a>
        </p>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void signIn();
          }}
        >
          <label>
            Token
            <input
              type="password"
              name="token"
              autocomplete="current-password"
              required
              autofocus
              value={token}
              aria-describedby="where"
              aria-invalid={wrong !== null}
              onInput={(event) => {
                setToken(event.currentTarget.value);
                setWrong(null);
              }}
            />
          </label>
          <p id="where" class="quiet">
            Whoever runs the server has one for you: <code>ledger token new NAME --scope read</code>
          </p>
          {wrong && (
            <p class="bad" role="alert">
              {wrong}
            </p>
          )}
          <button type="submit" class="strong" disabled={busy || !token.trim()}>
            Sign in
          </button>
        </form>
      )}
    </main>
  );
}
