import { describe, expect, it } from "vitest";
import { hasLongNumber, isLongNumber, parseExactJson } from "../../src/base/exact-json.ts";

const again = (text: string): string => JSON.stringify(parseExactJson(text));

describe("JSON that is written down again", () => {
  it.each([
    '{"id":12345678901234567890}',
    "[-9223372036854775808,1]",
    '{"a":{"b":[9007199254740993]},"c":"12345678901234567890"}',
  ])("%s keeps its digits", (text) => {
    expect(again(text)).toBe(text);
  });

  it.each([
    ["9007199254740991", 9007199254740991],
    ["[1234567890123456]", [1234567890123456]],
    ['{"x":0.1234567890123456}', { x: 0.1234567890123456 }],
    ['{"x": 1e20}', { x: 1e20 }],
    ['" 1234567890123456789"', " 1234567890123456789"],
  ])("%s is read as ever", (text, value) => {
    expect(parseExactJson(text)).toEqual(value);
  });

  it("tells a long number from an object that looks like one", () => {
    const [long, alike] = parseExactJson('[12345678901234567890,{"rawJSON":"1"}]') as unknown[];
    expect([long, alike, 1, null].map(isLongNumber)).toEqual([true, false, false, false]);
  });

  it("is looked at twice only where there is a long whole number", () => {
    expect(hasLongNumber('{"x":0.12345678901234567890,"y":123456789012345}')).toBe(false);
    expect(hasLongNumber('{"x":1234567890123456}')).toBe(true);
  });

  it("that is none throws as JSON.parse does", () => {
    expect(() => parseExactJson('{"x":12345678901234567890')).toThrow(SyntaxError);
  });
});
