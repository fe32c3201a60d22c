import assert from "node:assert/strict";
import { test } from "node:test";
import { fitting, seenBy, showing, under, within, zoomed } from "./camera.ts";
import { type Layout, laidOut, union, whereabouts } from "./graph.ts";
import { gridOf, inOrder } from "./grid.ts";
import { grouped } from "./groups.ts";
import { pictureOf, wayIn } from "./picture.ts";
import { impactOf } from "./remade.ts";
import { COLUMN, HEIGHT, ROW, WIDTH, around, at, bounds, labelOf, short, step, stubOf } from "./scene.ts";
import { ALL, viewOf } from "./view.ts";
import { columnsOf, ranOf, verdictOf } from "./words.ts";

type Way = readonly [from: string, to: string, ...operations: number[]];

/** An answer of the server: the root, its ways, and how much is hidden next to which. */
function answer(artifact: string, ways: readonly Way[], hidden: Record<string, number> = {}, depth: number = 1): Layout {
  const names = [...new Set([artifact, ...ways.flatMap(([from, to]) => [from, to])])];
  const links = ways.map(([from, to, ...offsets]) => ({
    from: names.indexOf(from),
    to: names.indexOf(to),
    operations: offsets.map((offset) => ({ offset, name: `op${offset}` })),
  }));
  links.sort((one, other) => one.from - other.from || one.to - other.to);
  const grid = gridOf(names.length, links);
  const nodes = names.map((name, place) => {
    const [read, written] = [links.some(({ from }) => from === place), links.some(({ to }) => to === place)];
    const kind = read ? (written ? "intermediate" : "input") : "target";
    const open = (hidden[name] ?? 0) > 0;
    const said = { artifact: name, class: kind, live: true, open, distance: place === 0 ? 0 : 1 };
    return { ...said, hidden: hidden[name] ?? 0, ...grid.places[place]! };
  });
  const { columns, rows } = grid;
  return { artifact, level: "artifacts", direction: "both", depth, cut: false, columns, rows, nodes, links, ends: [] } as Layout;
}

const plain = { of: "b", grouping: null, ungrouped: [] };

test("a graph is laid out in columns by the longest way, and what nothing leads to stands next to what it leads to", () => {
  // a -> b -> c -> d, a -> d, and e -> d.
  const { places, columns, rows } = gridOf(5, [
    { from: 0, to: 1 },
    { from: 1, to: 2 },
    { from: 2, to: 3 },
    { from: 0, to: 3 },
    { from: 4, to: 3 },
  ]);
  assert.deepEqual(places.map((place) => place.column), [0, 1, 2, 3, 2]);
  assert.deepEqual([columns, rows], [4, 2]);
  assert.equal(new Set(places.map(({ column, row }) => `${column} ${row}`)).size, 5);
});

test("cycles, loops and nothing at all are laid out, and no two stand in one place", () => {
  assert.deepEqual(gridOf(0, []), { places: [], columns: 0, rows: 0 });
  const links = [
    { from: 0, to: 1 },
    { from: 1, to: 2 },
    { from: 2, to: 0 },
    { from: 1, to: 1 },
  ];
  const { places } = gridOf(4, [...links, { from: 3, to: 0 }]);
  assert.deepEqual(places.map((place) => place.column), [1, 2, 3, 0]);
  assert.deepEqual(gridOf(3, links).places.map((place) => place.column).sort(), [0, 1, 2]);
});

test("a chain longer than calls can nest is put in order", () => {
  const links = Array.from({ length: 50_000 }, (_, at) => ({ from: at, to: at + 1 }));
  assert.deepEqual(inOrder(50_001, links).slice(0, 3), [0, 1, 2]);
});

test("answers are put together by name, each operation once", () => {
  const further = answer("c", [["b", "c", 2, 5], ["c", "d", 3], ["c", "e", 4]]);
  const graph = union([answer("b", [["a", "b", 1], ["b", "c", 2]], { c: 2 }), further]);
  assert.deepEqual(graph.nodes.map((node) => node.key), ["b", "a", "c", "d", "e"]);
  const ways = graph.links.map(({ from, to, operations }) => [graph.nodes[from]!.key, graph.nodes[to]!.key, operations.length]);
  assert.deepEqual(ways, [["b", "c", 2], ["a", "b", 1], ["c", "d", 1], ["c", "e", 1]]);
  assert.deepEqual(graph.nodes.map((node) => node.class), ["intermediate", "input", "intermediate", "target", "target"]);
  // What other answers count is not how far it is from the root.
  assert.deepEqual(graph.nodes.map((node) => node.distance), [0, 1, 1, null, null]);
});

test("what one answer hides and another shows is hidden no more", () => {
  const root = answer("b", [["a", "b", 1], ["b", "c", 2]], { a: 3, c: 2 });
  const hidden = (layouts: Layout[]) => Object.fromEntries(union(layouts).nodes.map((node) => [node.key, node.hidden]));
  assert.deepEqual(hidden([root]), { b: 0, a: 3, c: 2 });
  const further = answer("c", [["b", "c", 2], ["c", "d", 3], ["c", "e", 4]], { d: 1 });
  assert.deepEqual(hidden([root, further]), { b: 0, a: 3, c: 0, d: 1, e: 0 });
  const beside = answer("x", [["x", "a", 9]], { a: 1 });
  assert.deepEqual(hidden([root, beside]), { b: 0, a: 2, c: 2, x: 0 });
});

test("operations at which a graph ends are nodes of their own", () => {
  const ends = [{ offset: 7, name: "report", times: 1, read: [0], made: [], column: 1, row: 0 }];
  const layout = { ...answer("a", []), columns: 2, ends } as Layout;
  const scene = pictureOf([layout], [], { ...plain, of: "a" });
  assert.deepEqual(scene.graph.nodes.map((node) => [node.kind, node.label]), [["artifact", "a"], ["operation", "report"]]);
  assert.deepEqual(scene.graph.links.map(({ from, to }) => [from, to]), [[0, 1]]);
  assert.deepEqual(scene.grid.places[1], { column: 1, row: 0 });
});

test("operations that end a graph alike are one node", () => {
  const end = (offset: number, name: string, times: number, ...read: number[]) =>
    ({ offset, name, times, read, made: [], column: 2, row: offset });
  const ends = [end(9, "query", 6, 0), end(8, "query", 1, 0, 1), end(6, "report", 1, 0)];
  const layout = { ...answer("a", [["a", "b", 1]]), ends } as Layout;
  const scene = pictureOf([layout, layout], [], { ...plain, of: "a" });
  const found = scene.graph.nodes.slice(2).map((node) => [labelOf(node), node.offset]);
  assert.deepEqual(found, [["query (6)", 9], ["query", 8], ["report", 6]]);
});

test("the server's own layout is used until something else is shown", () => {
  const root = answer("b", [["a", "b", 1]]);
  root.nodes[0] = { ...root.nodes[0]!, row: 5 };
  root.rows = 6;
  assert.equal(pictureOf([root], [], plain).grid.places[0]!.row, 5);
  assert.equal(pictureOf([root, answer("a", [["a", "b", 1]])], [], plain).grid.places[0]!.row, 5);
  assert.equal(pictureOf([root, answer("a", [["z", "a", 2]])], [], plain).grid.places[0]!.row, 0);
});

test("groups take what their names begin with, unless they are taken apart", () => {
  const ways: Way[] = [["raw/1", "shop/a/x", 1], ["raw/2", "shop/a/x", 2], ["shop/a/x", "shop/a/y", 3], ["shop/a/y", "top", 4]];
  const graph = union([answer("shop/a/x", ways)]);
  const labels = (all: typeof graph) => all.nodes.map((node) => `${node.label} ${node.members.length}`);
  const last = grouped(graph, "last", []);
  assert.deepEqual(labels(last), ["shop/a/ 2", "raw/ 2", "top 0"]);
  assert.deepEqual(last.links.map(({ from, to, operations }) => [from, to, operations.length]), [[0, 2, 1], [1, 0, 2]]);
  assert.deepEqual(labels(grouped(graph, "first", ["raw/"])), ["shop/ 2", "raw/1 0", "raw/2 0", "top 0"]);
  assert.equal(whereabouts(last).get("raw/2"), 1);
});

test("a way is found in the picture, and in groups as far as it leaves them", () => {
  const edges = [{ from: "raw/1", to: "raw/2", offset: 1, name: "copy" }, { from: "raw/2", to: "top", offset: 2, name: "load" }];
  const layout = answer("top", [["raw/1", "raw/2", 1], ["raw/2", "top", 2], ["raw/3", "top", 3]]);
  const whole = wayIn(pictureOf([layout], edges, { ...plain, of: "top" }), edges);
  assert.deepEqual([whole.way.size, whole.wayLinks.size], [3, 2]);
  const scene = pictureOf([layout], edges, { ...plain, of: "top" });
  const [box, columns] = [around(scene, whole.way), [...whole.way].map((node) => scene.left[node]!)];
  assert.ok(columns.every((left) => left > box.x && left + WIDTH < box.x + box.width), "the room for a way has all of it");
  const inGroups = wayIn(pictureOf([layout], edges, { of: "top", grouping: "first", ungrouped: [] }), edges);
  assert.deepEqual([inGroups.way.size, inGroups.wayLinks.size], [2, 1]);
});

test("an impact lists what has to be made again after what it is made from", () => {
  const ways: Way[] = [["a", "b", 1], ["b", "c", 4], ["a", "c", 9], ["c", "d", 5], ["d", "a", 6], ["beside", "d", 5]];
  const layout = answer("a", ways, {}, ALL);
  layout.nodes.find((node) => node.artifact === "beside")!.distance = undefined;
  const rows = impactOf(union([layout]), "a");
  assert.deepEqual(rows.map(({ node, round, last }) => [node.key, round, last?.offset]), [["b", 1, 1], ["c", 2, 9], ["d", 3, 5]]);
  const pale = union([layout]).nodes.filter((node) => node.beside);
  assert.deepEqual(pale.map((node) => node.key), ["beside"], "the picture tells apart what the list does not have");
  const looked = union([layout, answer("beside", [["far", "beside", 2]])]).nodes.filter((node) => node.beside);
  assert.deepEqual(looked, [], "what is expanded was looked at");
  assert.deepEqual(rows[1]!.from.map((node) => node.key).sort(), ["a", "b"]);
});

test("what the server does not lay out is laid out here", () => {
  const nodes = ["a", "b"].map((artifact, at) => ({ artifact, class: "target", live: true, distance: at, open: at > 0 }));
  const edges = [1, 2].map((offset) => ({ offset, from: "a", to: "b", operation: "load" }));
  const layout = laidOut({ artifact: "a", level: "artifacts", direction: "forward", depth: 9, cut: true, nodes, edges } as never);
  assert.deepEqual(layout.nodes.map(({ column, row, hidden }) => [column, row, hidden]), [[0, 0, 0], [1, 0, 1]]);
  assert.deepEqual(layout.links.map(({ operations }) => operations.length), [2]);
  assert.deepEqual(impactOf(union([layout]), "a").map(({ node }) => node.key), ["b"]);
});

test("the pointer finds boxes and stubs, and nothing between them", () => {
  const scene = pictureOf([answer("b", [["a", "b", 1], ["b", "c", 2]], { a: 1, c: 2 })], [], plain);
  const [a, b, c] = ["a", "b", "c"].map((name) => scene.places.get(name)!);
  assert.deepEqual(at(scene, { x: COLUMN + 5, y: HEIGHT / 2 - 1 }), { node: b, stub: false });
  assert.equal(at(scene, { x: COLUMN + WIDTH - 5, y: ROW / 2 - 1 }), null);
  assert.deepEqual(at(scene, { x: -5, y: HEIGHT / 2 }), { node: a, stub: true });
  assert.deepEqual(at(scene, { x: 2 * COLUMN + WIDTH + 5, y: HEIGHT / 2 }), { node: c, stub: true });
  assert.deepEqual(at(scene, { x: 2 * COLUMN + 20, y: 0 }), { node: c, stub: false });
  assert.equal(at(scene, { x: WIDTH + 10, y: 0 }), null);
  assert.equal(stubOf(scene, b!), null);
});

test("keys go to the nearest neighbour, and up and down a column", () => {
  const scene = pictureOf([answer("b", [["a", "b", 1], ["b", "c", 2], ["b", "d", 3]])], [], plain);
  const key = (name: string, key: string) => {
    const found = step(scene, scene.places.get(name)!, key);
    return found === null ? null : scene.graph.nodes[found]!.key;
  };
  assert.equal(key("b", "ArrowLeft"), "a");
  assert.equal(key("a", "ArrowLeft"), null);
  assert.equal(key("b", "ArrowRight"), "c");
  assert.equal(key("c", "ArrowDown"), "d");
  assert.equal(key("d", "ArrowUp"), "c");
});

test("a camera keeps what is under the pointer, fits all, and moves no more than it takes", () => {
  const camera = { x: 30, y: 40, scale: 0.5 };
  const size = { width: 800, height: 600 };
  const point = { x: 100, y: 120 };
  assert.deepEqual(under(zoomed(camera, 1.5, point), point), under(camera, point));
  const part = { x: -50, y: -20, width: 4_000, height: 1_000 };
  const seen = seenBy(fitting(part, size), size);
  assert.ok(seen.x <= part.x && seen.x + seen.width >= part.x + part.width && seen.y <= part.y);
  assert.deepEqual(showing(camera, { x: 100, y: 100, width: 50, height: 50 }, size), camera);
  assert.notDeepEqual(showing(camera, { x: 5_000, y: 100, width: 50, height: 50 }, size), camera);
  const away = seenBy(within({ x: 9_000, y: -9_000, scale: 1 }, part, size), size);
  assert.ok(away.x < part.x && away.x + away.width > part.x && away.y < part.y + part.height);
  const scene = pictureOf([answer("b", [["a", "b", 1]])], [], plain);
  assert.ok(bounds(scene).width > COLUMN + WIDTH);
});

test("long names are cut in their middle", () => {
  assert.equal(short("short"), "short");
  assert.equal(short("a".repeat(20) + "b".repeat(20)), `${"a".repeat(12)}…${"b".repeat(12)}`);
  assert.equal(short("表".repeat(20)), `${"表".repeat(6)}…${"表".repeat(6)}`);
});

test("the address says what is shown", () => {
  const view = (text: string) => viewOf(new URLSearchParams(text));
  assert.deepEqual([view("of=a").direction, view("of=a").depth, view("of=a").show], ["both", 1, null]);
  assert.deepEqual(view("of=a&expand=b&expand=c").expanded, ["b", "c"]);
  assert.equal(view("of=a&depth=all").depth, ALL);
  assert.equal(view("of=a&depth=-1").depth, 1);
  assert.equal(view("of=a&group=table").grouping, null);
  const impact = view("of=a&show=impact&direction=backward&expand=b&group=first&from=x");
  assert.deepEqual([impact.direction, impact.depth, impact.expanded], ["forward", ALL, []]);
  assert.deepEqual([impact.grouping, impact.from], [null, null]);
});

test("payloads of operations are read as far as they are any", () => {
  assert.deepEqual(ranOf(null).columns, []);
  const one = ranOf({ operation: "sum", outputs: ["t"], columns: { total: ["raw.price"], "t.n": [] } });
  assert.deepEqual(columnsOf("t", [one]), ["t.n", "t.total"]);
  assert.deepEqual(columnsOf("raw", [one, ranOf({ columns: 3, outputs: [1] })]), ["raw.price"]);
});

test("verdicts are told in words", () => {
  assert.equal(verdictOf({ verdict: "keep", because: { pinned: 2 } }), "stays: 2 pins");
  assert.equal(verdictOf({ verdict: "drop", because: "task_ended" }), "may go: its task has ended");
  assert.equal(verdictOf({ verdict: "keep", because: "some_day" }), "stays: some day");
});
