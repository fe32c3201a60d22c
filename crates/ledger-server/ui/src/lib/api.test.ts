import assert from "node:assert/strict";
import { test } from "node:test";
import { bar, visit } from "../../test/browser.ts";
import { Problem, ask, askText, fill, get, may, send, signedIn, whoAmI } from "./api.ts";
import { startRouter } from "./router.ts";

startRouter();

const asked: [address: string, init: RequestInit][] = [];

/** Has the server answer so from now on. */
function answers(answer: Response | Error): void {
  asked.length = 0;
  globalThis.fetch = async (address, init = {}) => {
    asked.push([String(address), init]);
    if (answer instanceof Error) throw answer;
    return answer.clone() as Response;
  };
}

const told = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

test("names in a path are written as the server reads them", () => {
  assert.equal(fill("/api/v1/runs/{run}", { run: "a/b c?#%" }), "/api/v1/runs/a%2Fb%20c%3F%23%25");
  assert.equal(fill("/api/v1/lineage/{artifact}", { artifact: 'mart/sales "x"' }), "/api/v1/lineage/mart/sales%20%22x%22");
  assert.equal(fill("/api/v1/events/{which}", { which: 17 }), "/api/v1/events/17");
});

test("dots in a name reach the server: a browser takes none of them for a place", () => {
  const path = (names: Record<string, string>) => {
    const filled = fill(`/api/v1/lineage/{${Object.keys(names)[0]}}`, names);
    const { pathname } = new URL(filled, "http://ledger.test/events/17");
    assert.equal(pathname, filled, "the browser asks for another path");
    return decodeURIComponent(pathname.slice("/api/v1/lineage/".length));
  };
  const names = ["a/../b", "../b", "a/..", "./a", "a/.", "a/./b//c", ".../a", ".a/..b", "a/%2e%2e/b", "a.b", "/a", "a/"];
  for (const artifact of names) assert.equal(path({ artifact }), artifact);
  for (const run of ["a/../b", "..a", "...", "%2e%2e"]) assert.equal(path({ run }), run);
  assert.equal(fill("/{artifact}", { artifact: "a/../b" }), "/a%2F..%2Fb");
  assert.equal(fill("/{artifact}", { artifact: "a/.b" }), "/a/.b", "slashes stay where they can");
});

test("a name of dots alone is refused, and no other path is asked for", async () => {
  answers(told(200, {}));
  for (const name of [".", ".."]) {
    for (const which of ["artifact", "run"]) {
      assert.throws(() => fill(`/{${which}}`, { [which]: name }), { code: "invalid_name" });
    }
    await assert.rejects(get("/api/v1/runs/{run}", {}, { run: name }), (problem: Problem) => {
      assert.ok(problem instanceof Problem && problem.detail.includes(`\`${name}\``), String(problem));
      return true;
    });
  }
  assert.deepEqual(asked, []);
});

test("a path is read with its parameters", async () => {
  answers(told(200, { head: 7 }));
  assert.deepEqual(await get("/api/v1/head", { as_of: "9" }), { head: 7 });
  assert.equal(asked[0]![0], "/api/v1/head?as_of=9");
  assert.equal((asked[0]![1].headers as Record<string, string>)["accept"], "application/json");
});

test("what went wrong is told in the server's words", async () => {
  visit("/runs");
  answers(told(404, { code: "not_found", detail: "there is no such run" }));
  await assert.rejects(get("/api/v1/head"), (problem: Problem) => {
    assert.deepEqual([problem.status, problem.code, problem.detail], [404, "not_found", "there is no such run"]);
    return problem instanceof Problem;
  });
  answers(new Response("<h1>Bad gateway</h1>", { status: 502 }));
  await assert.rejects(get("/api/v1/head"), { status: 502, code: "unknown", detail: "the server answers 502" });
  answers(new TypeError("Failed to fetch"));
  await assert.rejects(get("/api/v1/head"), { status: 0, code: "unreachable" });
  assert.deepEqual(bar.moves, [], "none of these is a reason to sign in");
});

test("what was given up is no trouble of the server", async () => {
  const stop = new AbortController();
  stop.abort();
  const aborted = new DOMException("aborted", "AbortError");
  answers(aborted);
  await assert.rejects(ask("/api/v1/head", { signal: stop.signal }), (error) => error === aborted);
});

/** An answer whose connection breaks, or that is given up, after some of its body. */
function broken(text: string, error: Error): Response {
  const body = new ReadableStream({
    start: (out) => out.enqueue(new TextEncoder().encode(text)),
    pull: (out) => out.error(error),
  });
  return new Response(body);
}

test("an answer that is cut off is a trouble of the way to the server, and says so", async () => {
  visit("/runs");
  const cut = { status: 0, code: "cut_off", detail: "the answer was cut off" };
  for (const text of ["", '{"head":', '{"head":7}']) {
    answers(broken(text, new TypeError("network error")));
    await assert.rejects(get("/api/v1/head"), cut);
    await assert.rejects(askText("/api/v1/head"), cut);
    await assert.rejects(send("POST", "/api/v1/tokens", {}), cut);
  }
  signedIn.value = null;
  await assert.rejects(whoAmI(), cut);
  assert.equal(signedIn.value, null, "it is still not known who one is");
  answers(new Response(broken("<h1>", new TypeError("network error")).body, { status: 502 }));
  await assert.rejects(get("/api/v1/head"), { status: 502, detail: "the server answers 502" });
});

test("what was given up while it was read is no trouble, either", async () => {
  const stop = new AbortController();
  const aborted = new DOMException("aborted", "AbortError");
  answers(broken('{"head":', aborted));
  const read = get("/api/v1/head", {}, {}, stop.signal);
  stop.abort();
  await assert.rejects(read, (error) => error === aborted);
});

test("who is not signed in is sent to do so, and comes back", async () => {
  visit("/runs/r-1?as_of=3");
  answers(told(401, { code: "unauthorized", detail: "show a token" }));
  await assert.rejects(get("/api/v1/head"), { status: 401 });
  assert.deepEqual(bar.moves, [["replace", "/sign-in?next=%2Fruns%2Fr-1%3Fas_of%3D3"]]);
  await assert.rejects(get("/api/v1/head"), { status: 401 });
  assert.equal(bar.moves.length, 1, "who signs in already stays there");
});

test("a wrong token is told where it was typed", async () => {
  visit("/sign-in");
  answers(told(401, { code: "unauthorized", detail: "the token is not known" }));
  await assert.rejects(send("POST", "/sign-in", { token: "x" }), { detail: "the token is not known" });
  assert.deepEqual(bar.moves, []);
});

test("a change is sent as JSON, and may be answered with nothing", async () => {
  answers(new Response(null, { status: 204 }));
  assert.equal(await send("POST", "/api/v1/tokens", { name: "ci" }), null);
  assert.deepEqual([asked[0]![1].method, asked[0]![1].body], ["POST", '{"name":"ci"}']);
  assert.equal(await send("DELETE", "/api/v1/tokens/ci"), null);
  assert.equal(asked[1]![1].body, undefined);
  answers(told(201, { token: "t" }));
  assert.deepEqual(await send("POST", "/api/v1/tokens", {}), { token: "t" });
});

test("an admin may do everything, and nobody else more than is said", async () => {
  signedIn.value = null;
  assert.equal(may("read"), false);
  answers(told(200, { auth: "token", caller: "ci", scopes: ["read"], by: "cookie" }));
  await whoAmI();
  assert.deepEqual([may("read"), may("append"), may("admin")], [true, false, false]);
  signedIn.value = { auth: "open", caller: null, scopes: ["admin"] };
  assert.deepEqual([may("read"), may("append"), may("admin")], [true, true, true]);
});
