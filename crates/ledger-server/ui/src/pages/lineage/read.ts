// What the page asks the server for.
import { useRef } from "preact/hooks";
import { type Answer, Problem, type Schemas, get } from "../../lib/api.ts";
import { asOf } from "../../lib/router.ts";
import { type Held, useRead, useTick } from "../../lib/use.ts";
import { type Edge, type Layout, laidOut } from "./graph.ts";
import { paceOf } from "./reach.ts";
import { MOST, type View } from "./view.ts";

type Way = Answer<"/api/v1/path">;

/** The longest way that is put into the picture whole; of others, what is there is marked. */
const LONGEST_SHOWN = 60;

/** The most that the server looks at, in operations and in how far they are away. */
const EVERYTHING = 100_000;

/** How often what is shown is read again while the ledger grows. */
const PAUSE = 3_000;
/** What has more parts, or is larger, is read less often. */
const PAUSE_OF_PART = 200;
const PAUSE_OF_NODE = 2;

/** What the server is asked about lineage, whatever the form of the answer. */
export function asking(view: View): { direction: string; depth: number; level: string; most: number } {
  return { direction: view.direction, depth: view.depth, level: view.level, most: MOST };
}

async function layoutOf(of: string, view: View, depth: number): Promise<Layout> {
  const params = { ...asking(view), depth, format: "layout", as_of: asOf.value };
  return (await get("/api/v1/lineage/{artifact}", params, { artifact: of })) as Layout;
}

/** Reads all of an impact, be it more than the server lays out. */
async function whole(layout: Layout, view: View): Promise<Layout> {
  if (!layout.cut && !layout.nodes.some((node) => node.open)) return layout;
  const params = { ...asking(view), depth: EVERYTHING, most: EVERYTHING, as_of: asOf.value };
  return laidOut((await get("/api/v1/lineage/{artifact}", params, { artifact: view.of })) as Schemas["Graph"]);
}

/** Reads what does not have to be there: an expanded artifact that nothing named at that time adds nothing. */
async function unless404(layout: Promise<Layout>): Promise<Layout | null> {
  try {
    return await layout;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

/** Reads the lineage of the root, of what was expanded, and of what lies on a way; the root's comes first. */
export function useLayouts(view: View, way: readonly Edge[]): Held<Layout[]> {
  const beside = way.length <= LONGEST_SHOWN ? [...new Set(way.flatMap(({ from, to }) => [from, to]))] : [];
  const parts = [...view.expanded.map((of) => ({ of, depth: 1 })), ...beside.map((of) => ({ of, depth: 0 }))];
  const size = useRef(0);
  const tick = useTick(asOf.value === null ? PAUSE + parts.length * PAUSE_OF_PART + size.current * PAUSE_OF_NODE : 0);
  const base = JSON.stringify([view.of, view.direction, view.level, view.depth, view.show === "impact", asOf.value]);
  const known = useRef({ of: "", answers: new Map<string, Promise<Layout>>() });
  const now = `${view.direction} ${view.level} ${asOf.value} ${tick}`;
  const recall = (of: string, depth: number): Promise<Layout> => {
    if (known.current.of !== now) known.current = { of: now, answers: new Map() };
    const { answers } = known.current;
    const key = `${depth} ${of}`;
    const answer = answers.get(key) ?? layoutOf(of, view, depth);
    answers.set(key, answer);
    answer.catch(() => answers.delete(key));
    return answer;
  };
  return useRead(
    `${base}${JSON.stringify(parts)}#${tick}`,
    async () => {
      const [root, ...others] = await Promise.all([
        recall(view.of, view.depth).then((layout) => (view.show === "impact" ? whole(layout, view) : layout)),
        ...parts.map(({ of, depth }) => unless404(recall(of, depth))),
      ]);
      size.current = root!.nodes.length + root!.ends.length;
      return [root!, ...others.filter((layout) => layout !== null)];
    },
    base,
  );
}

/** The edges of a way. */
export function edgesOf(way: Way | null): Edge[] {
  return (way?.edges ?? []).map(({ offset, from, to, operation }) => ({ offset, from, to, name: operation }));
}

/** Reads a shortest way between two artifacts; nothing when none was asked for. */
export function useWay(view: View): Held<Way | null> {
  const { from, to, level } = view;
  const tick = useTick(from && to && asOf.value === null ? PAUSE : 0);
  const params = { from, to, level, as_of: asOf.value };
  const key = JSON.stringify(params);
  return useRead(`${key}#${tick}`, async (signal) => (from && to ? get("/api/v1/path", params, {}, signal) : null), key);
}

/** Reads which of some artifacts, or columns, nothing names. */
export function useUnknown(view: View, names: readonly string[]): Held<string[]> {
  const tick = useTick(asOf.value === null ? PAUSE : 0);
  const key = JSON.stringify([names, view.level, asOf.value]);
  const find = async () => {
    const found = await Promise.all(names.map((name) => unless404(layoutOf(name, view, 0))));
    return names.filter((_, at) => found[at] === null);
  };
  return useRead(`${key}#${tick}`, find, key);
}

/** Reads what is known of an artifact as a whole; that is nothing when no operation and no note names it. */
export function useArtifact(name: string): Held<{ artifact: Schemas["JudgedArtifact"] | null }> {
  const tick = useTick(asOf.value === null ? paceOf(1) : 0);
  const key = `${name} ${asOf.value}`;
  const find = async (signal: AbortSignal) => {
    const limit = 1_000;
    for (let offset = 0; ; offset += limit) {
      const params = { q: name, limit, offset, as_of: asOf.value };
      const { artifacts, total } = await get("/api/v1/artifacts", params, {}, signal);
      const found = artifacts.find(({ artifact }) => artifact === name);
      if (found || artifacts.length === 0 || offset + limit >= total) return { artifact: found ?? null };
    }
  };
  return useRead(`${key}#${tick}`, find, key);
}

/** Reads the newest operations that wrote, or read, an artifact. */
export function useOperations(how: "writes" | "reads", name: string, limit: number): Held<Schemas["Event"][]> {
  const tick = useTick(asOf.value === null ? PAUSE : 0);
  const params = { tag: `${how}:${name}`, kind: "operation.finished", order: "desc", limit, up_to: asOf.value };
  const key = JSON.stringify(params);
  return useRead(`${key}#${tick}`, async (signal) => (await get("/api/v1/events", params, {}, signal)).events, key);
}
