import assert from "node:assert/strict";
import { test } from "node:test";
import { counted, member, named, partsOf, piece, plain, sortOf, source, step, trusted, written } from "./json.ts";

test("numbers keep all their digits", () => {
  const parts = partsOf(piece('{"big": 9007199254740993, "fine":0.10, "far":1e400,"below":-0}'));
  assert.deepEqual(parts.map((part) => source(part.value)), ["9007199254740993", "0.10", "1e400", "-0"]);
  assert.ok(parts.every((part) => sortOf(part.value) === "number"));
});

test("the parts of a value are what they are, whatever their text has in it", () => {
  const text = ' { "a\\"}" : [ 1 ,"]" , {} ,[ ] ] ,\n"b":"\\\\", "b": null,"" :true } ';
  const parts = partsOf(trusted(text));
  assert.deepEqual(parts.map((part) => part.key), ['a"}', "b", "b", ""]);
  assert.deepEqual(parts.map((part) => plain(part.value)), [[1, "]", {}, []], "\\", null, true]);
  const inner = partsOf(parts[0]!.value);
  assert.deepEqual(inner.map((part) => [part.key, sortOf(part.value)]), [
    [0, "number"],
    [1, "string"],
    [2, "object"],
    [3, "array"],
  ]);
  assert.deepEqual(inner.slice(2).map((part) => partsOf(part.value)), [[], []]);
});

test("a value by itself is read, too", () => {
  for (const text of ["1", ' "a" ', "null", "[]", "-1.5e3"]) assert.deepEqual(plain(trusted(text)), JSON.parse(text));
  assert.throws(() => piece("{"));
  assert.equal(source(member(piece('{"a":{"b":1},"b":2}'), "b")!), "2");
  assert.equal(member(piece("{}"), "b"), null);
});

test("what is read is what JSON.parse reads, for any text", () => {
  let seed = 7;
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const words = ["", "a", '"', "\\", '\\"', "]}", "é😀", "\n", ","];
  const make = (depth: number): unknown => {
    const what = random(depth > 4 ? 4 : 6);
    if (what === 4) return Array.from({ length: random(4) }, () => make(depth + 1));
    if (what === 5) return Object.fromEntries(Array.from({ length: random(4) }, () => [words[random(9)], make(depth + 1)]));
    return [null, random(1_000) - 500, words[random(9)]! + words[random(9)]!, random(2) === 1][what];
  };
  const rebuilt = (value: ReturnType<typeof trusted>): unknown => {
    const sort = sortOf(value);
    if (sort === "array") return partsOf(value).map((part) => rebuilt(part.value));
    if (sort === "object") return Object.fromEntries(partsOf(value).map((part) => [part.key, rebuilt(part.value)]));
    return plain(value);
  };
  for (let round = 0; round < 2_000; round++) {
    const value = make(0);
    assert.deepEqual(rebuilt(trusted(JSON.stringify(value, null, random(3)))), value);
    const indent = random(3);
    assert.equal(written(trusted(JSON.stringify(value, null, random(3))), indent), JSON.stringify(value, null, indent));
  }
});

test("a value is written anew with the digits that it had", () => {
  const text = '{"n" : [12345678901234567890,1.10, 1e400],"s":"\\u00e9", "o":{}}';
  assert.equal(written(piece(text)), '{"n":[12345678901234567890,1.10,1e400],"s":"é","o":{}}');
  assert.equal(written(named(piece(text)).get("n")!, 2), "[\n  12345678901234567890,\n  1.10,\n  1e400\n]");
  assert.deepEqual(["12345678901234567890", "-1234", "1.50", "1e3"].map(counted), [
    "12,345,678,901,234,567,890",
    "-1,234",
    "1.50",
    "1e3",
  ]);
});

test("values are found by name, the last of a name that is given twice", () => {
  const found = named(piece('{"a":1,"__proto__":2,"a":3}'));
  assert.deepEqual([...found].map(([name, value]) => [name, source(value)]), [["a", "3"], ["__proto__", "2"]]);
  assert.deepEqual([...named(piece("[7,8]")).keys()], [0, 1]);
  for (const text of ["null", "5", '"a,b"', "true"]) assert.equal(named(piece(text)).size, 0);
});

test("paths are written as jq takes them", () => {
  const keys = ["items", 3, "unit price", "x-1"];
  assert.equal(keys.reduce<string>(step, "."), '.items[3]["unit price"]["x-1"]');
  assert.equal(step(step(".", 0), "a"), ".[0].a");
  assert.equal(step(".payload", "total"), ".payload.total");
});
