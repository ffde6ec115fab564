import { describe, expect, it } from "vitest";
import { decodeUtf8, editJson, type JsonBody, readJson } from "../../src/base/json-body.ts";

const body = (text: string): JsonBody => {
  const read = readJson(text);
  if (!read.ok) throw new Error(`not accepted: ${read.error.kind}`);
  return read.value;
};
const fault = (text: string) => {
  const read = readJson(text);
  return read.ok ? "accepted" : read.error.kind;
};
const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
const wide = (keys: number): string =>
  `{${Array.from({ length: keys }, (_, i) => `"k${i}":0`).join(",")}}`;

describe("readJson", () => {
  it.each([
    ["", "invalid_json"],
    ["   ", "invalid_json"],
    ["null", "invalid_json"],
    ["[]", "invalid_json"],
    ['"text"', "invalid_json"],
    ["{", "invalid_json"],
    ["{}}", "invalid_json"],
    ["{} {}", "invalid_json"],
    ['{"a":1,}', "invalid_json"],
    ["{'a':1}", "invalid_json"],
    ['{"a":01}', "invalid_json"],
    ['{"a":NaN}', "invalid_json"],
    ['{"a":"\n"}', "invalid_json"],
    ['{"a":"\\u12"}', "invalid_json"],
    ['{"a":"unclosed', "invalid_json"],
    ['{"a":"\\"}', "invalid_json"],
    ["{}", "accepted"],
    [' \n\t{"a" : [1, {"b":null}] }\r\n', "accepted"],
    ['{"a":"\\\\"}', "accepted"],
    ['{"a":1e999}', "accepted"],
  ])("%j is %s", (text, expected) => {
    expect(fault(text)).toBe(expected);
  });

  it.each([
    ['{"model":"a","model":"b"}'],
    ['{"model":"a","\\u006dodel":"b"}'],
    ['{"a":{"b":[{"c":1,"c":1}]}}'],
    ['{"":1,"":2}'],
    ['{"1":1,"1":2}'],
  ])("a key given twice is refused: %s", (text) => {
    expect(fault(text)).toBe("invalid_json");
  });

  it("the same key in two objects is not a duplicate", () => {
    expect(fault('{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}')).toBe("accepted");
  });

  it.each([
    ['{"__proto__":{"x":1}}', "__proto__"],
    ['{"\\u005f_proto__":1}', "__proto__"],
    ['{"tools":[{"function":{"parameters":{"constructor":{}}}}]}', "constructor"],
    ['{"a":{"c\\u006fnstructor":1}}', "constructor"],
  ])("a key that reaches a prototype is refused at any depth: %s", (text, at) => {
    expect(readJson(text)).toEqual({ ok: false, error: { kind: "invalid_json", at } });
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  it.each(['{"a\\\\b" \n\t: "x\\\\y", "c": ["\\\\", "\\\\:"]}', '{"\\\\" : {"\\\\"\r: 1}}'])(
    "a backslash in a key is no fault, nor one in a value: %s",
    (text) => {
      expect(fault(text)).toBe("accepted");
    },
  );

  it("forbidden words are allowed as values and inside other words", () => {
    expect(fault('{"a":"__proto__","constructors":"constructor","prototype":1}')).toBe("accepted");
  });

  it.each([
    [nested(64), "accepted"],
    [nested(65), "json_too_deep"],
    [`{"a":${"[".repeat(63)}${"]".repeat(63)}}`, "accepted"],
    [`{"a":${"[".repeat(64)}${"]".repeat(64)}}`, "json_too_deep"],
    [wide(10_000), "accepted"],
    [wide(10_001), "json_too_deep"],
    [`{"a":[${Array(6_000).fill('{"b":1}').join(",")}]}`, "accepted"],
    [`{"a":[${Array(10_000).fill('{"b":1}').join(",")}]}`, "json_too_deep"],
    ["[".repeat(1_000_000), "json_too_deep"],
    ['{"a":'.repeat(1_000_000), "json_too_deep"],
    [`{"a":"${"[{:".repeat(100_000)}"}`, "accepted"],
  ])("levels and keys are counted outside strings (%#)", (text, expected) => {
    expect(fault(text)).toBe(expected);
  });

  it("a hostile depth is refused at its 65th level, whatever follows", () => {
    expect(fault(`${"[".repeat(65)}this is not JSON at all`)).toBe("json_too_deep");
  });

  // Some versions of V8 read an escaped key as an earlier key that equals its raw beginning. A caller
  // could so hide a field from the gateway that the provider sees.
  it.each([
    ['{"b":1,"\\\\u006":1}', '{"b":1,"\\u006dodel":2}', "model"],
    ['{"b":1,"\\\\":1}', '{"b":1,"\\"":2}', '"'],
  ])("an earlier body %s does not change how %s is read", (earlier, text, key) => {
    JSON.parse(earlier);
    const read = readJson(text);
    expect(read.ok ? read.value.value[key] : "refused").toBeOneOf([2, "refused"]);
    expect(fault(earlier)).toBe("accepted");
  });

  it("the spans of the top-level fields cover key and value exactly", () => {
    const text = '{ "a" : 1 ,\n"b":{"a":[1,2]}, "c":"x:y,z}" ,"\\u0064":null\t}';
    const { spans } = body(text);
    const cut = [...spans].map(([name, s]) => [
      name,
      text.slice(s.key, s.start),
      text.slice(s.start, s.end),
    ]);
    expect(cut).toEqual([
      ["a", '"a" : ', "1"],
      ["b", '"b":', '{"a":[1,2]}'],
      ["c", '"c":', '"x:y,z}"'],
      ["d", '"\\u0064":', "null"],
    ]);
  });
});

describe("editJson", () => {
  it.each([
    ['{"a":1}', {}, '{"a":1}'],
    ['{"model":"x","n":1}', { model: "y" }, '{"model":"y","n":1}'],
    ['{ "a": 1, "b": 2 }', { a: undefined }, '{ "b": 2 }'],
    ['{ "a": 1, "b": 2 }', { b: undefined }, '{ "a": 1 }'],
    ['{ "a": 1, "b": 2 , "c":3}', { b: undefined }, '{ "a": 1 , "c":3}'],
    ['{ "a": 1, "b": 2 }', { a: undefined, b: undefined }, "{ }"],
    ["{}", { a: [1] }, '{"a":[1]}'],
    [" { } ", { a: 1, b: undefined }, ' {"a":1 } '],
    ['{"a":1}', { a: undefined, b: 2 }, '{"b":2}'],
    ['{"a":1}', { b: { c: 'd"' } }, '{"a":1,"b":{"c":"d\\""}}'],
    ['{"\\u0061":1}', { a: 2 }, '{"\\u0061":2}'],
  ])("%s with %j is %s", (text, edits, expected) => {
    expect(editJson(body(text), edits)).toBe(expected);
  });

  it("numbers, escapes and unknown fields leave as they were spelt", () => {
    const rest = '"seed":12345678901234567890, "t":1.0E+2,"s":"\\u00e9\\/", "new":{"z":-0}';
    expect(editJson(body(`{"model":"a",${rest}}`), { model: "b" })).toBe(`{"model":"b",${rest}}`);
  });
});

describe("decodeUtf8", () => {
  it.each([
    [[0x7b, 0x7d], { ok: true, value: "{}" }],
    [[0xc3, 0xa9], { ok: true, value: "é" }],
    [[0xef, 0xbb, 0xbf, 0x7b, 0x7d], { ok: true, value: "{}" }],
    [[0xc3], { ok: false, error: "invalid_json" }],
    [[0xff, 0xfe], { ok: false, error: "invalid_json" }],
    [[0xed, 0xa0, 0x80], { ok: false, error: "invalid_json" }],
    [[0xc0, 0x80], { ok: false, error: "invalid_json" }],
  ])("%j is %j", (bytes, expected) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toEqual(expected);
  });
});
