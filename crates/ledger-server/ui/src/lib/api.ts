// What is asked of the server, typed by its own document.
import { signal } from "@preact/signals";
import { type Params, go, place, search } from "./router.ts";
import type { components, paths } from "./schema.ts";

export type Schemas = components["schemas"];
/** The paths that can be read. */
export type Readable = { [P in keyof paths]: paths[P] extends { get: { responses: { 200: unknown } } } ? P : never }[keyof paths];
/** What a path answers as JSON. */
export type Answer<P extends Readable> = paths[P] extends {
  get: { responses: { 200: { content: { "application/json": infer T } } } };
}
  ? T
  : never;

/** What went wrong, as the server tells it. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** Who is signed in, as far as it is known. */
export interface SignedIn {
  auth: "open" | "token";
  caller: string | null;
  scopes: string[];
}

export const signedIn = signal<SignedIn | null>(null);

/** Says whether the viewer may do what takes a scope. */
export function may(scope: "read" | "append" | "admin"): boolean {
  const scopes = signedIn.value?.scopes ?? [];
  return scopes.includes("admin") || scopes.includes(scope);
}

async function problemOf(response: Response): Promise<Problem> {
  const told = await response.json().catch(() => null);
  return new Problem(response.status, told?.code ?? "unknown", told?.detail ?? `the server answers ${response.status}`);
}

/** Asks. Who is not signed in is sent to do so, and comes back. */
export async function ask(address: string, init: RequestInit = {}): Promise<Response> {
  let response;
  try {
    response = await fetch(address, { credentials: "same-origin", ...init });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Problem(0, "unreachable", "the server cannot be reached");
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.status === 401 && !address.startsWith("/sign-in")) signInFirst();
  throw problem;
}

/** Asks, and reads the answer to its end: until then, the way to the server may break. */
export async function askText(address: string, init: RequestInit = {}): Promise<string> {
  const response = await ask(address, init);
  try {
    return await response.text();
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Problem(0, "cut_off", "the answer was cut off");
  }
}

/** Has the viewer sign in, and come back here. */
export function signInFirst(): void {
  if (place.value.path === "/sign-in") return;
  go(`/sign-in${search({ next: location.pathname + location.search })}`, "replace");
}

/**
 * Puts names into a path: `{which}` becomes what it stands for. A name of an artifact keeps its slashes, unless a part between
 * them is `.` or `..`: a browser would leave that out of the path, and ask for another one. Fails for a name that is only that.
 */
export function fill(path: string, names: Record<string, string | number> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const text = String(names[name]);
    if (isDots(text)) throw new Problem(400, "invalid_name", `the name \`${text}\` cannot be asked for: no address can hold it`);
    const value = encodeURIComponent(text);
    return name === "artifact" && !text.split("/").some(isDots) ? value.replaceAll("%2F", "/") : value;
  });
}

/** Says whether a part of a path means a place and not a name. Escaping does not help: browsers read `%2E` so, too. */
function isDots(part: string): boolean {
  return part === "." || part === "..";
}

/** Reads a path of the API. */
export async function get<P extends Readable>(
  path: P,
  params: Params = {},
  names: Record<string, string | number> = {},
  signal?: AbortSignal,
): Promise<Answer<P>> {
  const text = await askText(fill(path, names) + search(params), { signal, headers: { accept: "application/json" } });
  return JSON.parse(text) as Answer<P>;
}

/** Sends a call that changes something. Its answer is JSON, or nothing. */
export async function send<T = unknown>(method: "POST" | "DELETE", address: string, body?: unknown): Promise<T> {
  const init: RequestInit = { method };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "content-type": "application/json" };
  }
  const text = await askText(address, init);
  return (text ? JSON.parse(text) : null) as T;
}

/** Finds out who is signed in. */
export async function whoAmI(): Promise<void> {
  signedIn.value = JSON.parse(await askText("/sign-in", { headers: { accept: "application/json" } })) as SignedIn;
}
