// Who is signed in, and dark or light.
import { send, signedIn } from "../lib/api.ts";
import { stopLive } from "../lib/live.ts";
import { go } from "../lib/router.ts";
import { nextTheme, theme } from "./theme.ts";

const signs = { system: "◐", light: "☀", dark: "☾" };

export async function signOut(): Promise<void> {
  await send("DELETE", "/sign-in");
  stopLive();
  signedIn.value = { auth: "token", caller: null, scopes: [] };
  go("/sign-in");
}

export function Viewer() {
  const who = signedIn.value;
  return (
    <>
      <button type="button" class="plain" onClick={nextTheme} title={`Colours: ${theme.value}`}>
        <span aria-hidden="true">{signs[theme.value]}</span>
        <span class="unseen">Colours: {theme.value}</span>
      </button>
      {who?.auth === "token" && who.caller && (
        <span class="viewer">
          {who.caller}{" "}
          <button type="button" onClick={() => void signOut()}>
            Sign out
          </button>
        </span>
      )}
    </>
  );
}
