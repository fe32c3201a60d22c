import assert from "node:assert/strict";
import { test } from "node:test";
import { visit } from "../../../test/browser.ts";
import { named, piece } from "../../lib/json.ts";
import { startRouter } from "../../lib/router.ts";
import { exactly, isLater } from "./detail.tsx";
import { toldOf } from "./told.ts";

startRouter();

test("what was recorded later than one looks is not there", () => {
  visit("/operations?op=15000&as_of=2000");
  assert.deepEqual([isLater(15_000), isLater(2_001), isLater(2_000)], [true, true, false]);
  visit("/operations?op=15000");
  assert.equal(isLater(15_000), false);
});

const shown = (text: string) => exactly(toldOf(JSON.parse(text)), named(piece(text)));

test("what an operation was given and says beside has all its digits", () => {
  const inputs = '{"a":{"artifact":"x"}, "n": {"value": 12345678901234567890},"s":"\\u00e9", "d":[1.10,{"value":1}]}';
  const found = shown(`{"operation":"load","inputs":${inputs},"own":[9007199254740993 , 1e400],"id":"i"}`);
  assert.deepEqual(found.given, [["n", "12345678901234567890"], ["s", '"é"'], ["d", '[1.10,{"value":1}]']]);
  assert.equal(found.others, '{\n  "own": [\n    9007199254740993,\n    1e400\n  ]\n}');
});

test("what is no operation, or says something twice, breaks nothing", () => {
  for (const text of ["null", '"text, [1]"', "5", "[{}]", '{"inputs":null}', '{"inputs":[null]}', "{}"]) {
    assert.deepEqual(shown(text).given, [], text);
  }
  const twice = shown('{"inputs":{"a":{"artifact":"x"}},"inputs":{"b":1,"b":2},"__proto__":10000000000000000001}');
  assert.deepEqual(twice.given, [["b", "2"]]);
  assert.equal(twice.others, '{\n  "__proto__": 10000000000000000001\n}');
});
