import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../test/browser.ts";
import { named, piece } from "../../lib/json.ts";
import { exactly } from "./detail.tsx";
import { toldOf } from "./told.ts";

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
