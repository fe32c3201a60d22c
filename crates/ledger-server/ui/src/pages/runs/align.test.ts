import assert from "node:assert/strict";
import { test } from "node:test";
import { align, joinMoved } from "./align.ts";

const steps = (text: string) => [...text].map((key, turn) => ({ key, about: "", turn }));
const shown = (a: string, b: string) =>
  align(steps(a), steps(b)).map(([i, j]) => `${i === null ? "-" : a[i]}${j === null ? "-" : b[j]}`);

test("what both have is aligned, what one has stands alone", () => {
  assert.deepEqual(shown("abcd", "abxcd"), ["aa", "bb", "-x", "cc", "dd"]);
  assert.deepEqual(shown("abc", "axc"), ["aa", "b-", "-x", "cc"]);
  assert.deepEqual(shown("", "ab"), ["-a", "-b"]);
  assert.deepEqual(shown("ab", ""), ["a-", "b-"]);
  assert.deepEqual(shown("", ""), []);
});

test("every event is there once, in its order", () => {
  const [a, b] = ["abcabba", "cbabac"];
  const found = align(steps(a), steps(b));
  assert.deepEqual(found.flatMap(([i]) => i ?? []), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(found.flatMap(([, j]) => j ?? []), [0, 1, 2, 3, 4, 5]);
  assert.equal(found.filter(([i, j]) => i !== null && j !== null).length, 4);
});

test("where there is a choice, turns decide", () => {
  const a = [{ key: "x", about: "", turn: 7 }];
  const b = [1, 7, 9].map((turn) => ({ key: "x", about: "", turn }));
  assert.deepEqual(align(a, b).find(([i]) => i !== null), [0, 1]);
});

test("what is about the same is aligned though it came in another order", () => {
  const about = (names: string[]) => names.map((about, turn) => ({ key: "load", about, turn }));
  const [a, b] = [about(["orders", "items"]), about(["items", "orders"])];
  assert.deepEqual(joinMoved(align(a, b), a, b).map(({ pair }) => pair), [[0, 1], [1, 0]]);
  const [c, d] = [about(["t-1", "t-2"]), about(["t-8", "t-9"])];
  assert.deepEqual(align(c, d), [[0, 0], [1, 1]], "names that nobody else has do not matter");
});

test("2,000 events each take no more than a moment", () => {
  const step = (seed: number, turn: number) => ({ key: String((turn * seed) % 17), about: "", turn });
  const many = (seed: number) => Array.from({ length: 2_000 }, (_, turn) => step(seed, turn));
  const begun = performance.now();
  const found = align(many(5), many(7));
  assert.ok(found.length >= 2_000);
  assert.ok(performance.now() - begun < 2_000);
});

test("what came in another order is joined, and what is missing is not", () => {
  const [a, b] = [steps("abcd"), steps("bcax")];
  const found = joinMoved(align(a, b), a, b).map(({ pair, isMoved }) => [...pair, isMoved]);
  assert.deepEqual(found, [[0, 2, true], [1, 0, false], [2, 1, false], [3, null, false], [null, 3, false]]);
});
