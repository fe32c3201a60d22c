import assert from "node:assert/strict";
import { test } from "node:test";
import "../../test/browser.ts";
import { nowhere } from "../../test/hooks.ts";
import { h, render } from "preact";
import { may, signedIn } from "../lib/api.ts";
import { link } from "../lib/live.ts";
import { useWho } from "./who.ts";

const admin = { auth: "open", caller: null, scopes: ["admin"] };

const until = async (what: string, is: () => boolean) => {
  const end = Date.now() + 2_000;
  while (!is()) {
    assert.ok(Date.now() < end, `expected: ${what}`);
    await new Promise((done) => setTimeout(done, 2));
  }
};

/** Renders what asks who one is, on a server that answers so; nothing is one that cannot be reached. */
function frame(first: Response | null) {
  const server = { asked: 0, answer: first };
  globalThis.fetch = async (address) => {
    assert.equal(address, "/sign-in");
    server.asked += 1;
    if (!server.answer) throw new TypeError("Failed to fetch");
    return server.answer.clone() as Response;
  };
  [signedIn.value, link.value] = [null, "connecting"];
  const seen: { now: ReturnType<typeof useWho> | null } = { now: null };
  const parent = nowhere();
  const show = (what: ReturnType<typeof h> | null) => render(what, parent);
  const Frame = () => {
    seen.now = useWho();
    return null;
  };
  show(h(Frame, {}));
  return { server, seen, end: () => show(null) };
}

test("who cannot be asked for is nobody who may do anything, until the link is back and they are known", async () => {
  const { server, seen, end } = frame(null);
  assert.equal(seen.now!.problem, null, "nothing is told before it is asked");
  await until("it is told", () => seen.now!.problem?.code === "unreachable");
  assert.deepEqual([signedIn.value, may("admin"), may("append")], [null, false, false]);
  server.answer = Response.json(admin);
  link.value = "live";
  await until("it is known", () => seen.now!.problem === null);
  assert.deepEqual([server.asked, may("admin")], [2, true]);
  end();
});

test("who is not known can be asked for by the viewer, whatever went wrong", async () => {
  const { server, seen, end } = frame(new Response("<h1>Oops</h1>", { status: 500 }));
  await until("it is told", () => seen.now!.problem?.status === 500);
  server.answer = new Response("<h1>Sign in elsewhere</h1>");
  seen.now!.again();
  await until("what is no answer is told, too", () => seen.now!.problem instanceof SyntaxError);
  assert.ok(seen.now!.problem!.message && signedIn.value === null);
  server.answer = Response.json({ auth: "token", caller: "ci", scopes: ["read"] });
  seen.now!.again();
  await until("it is known", () => seen.now!.problem === null);
  assert.deepEqual([may("read"), may("admin")], [true, false]);
  end();
});

test("who is known stays so while the server is away, and is asked for anew when it is back", async () => {
  const { server, seen, end } = frame(Response.json(admin));
  await until("it is known", () => signedIn.value !== null);
  server.answer = null;
  seen.now!.again();
  await until("it is asked", () => server.asked === 2);
  await new Promise((done) => setTimeout(done, 20));
  assert.deepEqual([seen.now!.problem, may("admin")], [null, true]);
  server.answer = Response.json({ auth: "token", caller: null, scopes: [] });
  link.value = "live";
  await until("that is known", () => !may("admin"));
  end();
});
