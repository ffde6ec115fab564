import { describe, expect, it } from "vitest";
import { roughCount } from "../../../src/policy/tokens/rough-count.ts";
import { tokenizerFor } from "../../support/rank-files.ts";

const o200k = tokenizerFor("o200k_base");

describe("roughCount", () => {
  it.each([
    [
      "prose",
      "The quick brown fox jumps over the lazy dog, and nobody knows why it does so again.",
    ],
    ["code", "export const add = (a: number, b: number): number => {\n  return a + b;\n};\n"],
    ["JSON", '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}'],
    ["German", "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich."],
    ["Russian", "Съешь же ещё этих мягких французских булок, да выпей чаю."],
    ["Chinese", "敏捷的棕色狐狸跳过了懒狗,然后继续向前走到河边喝水。"],
    ["numbers", "1234567 89 0.5 2026-11-21 12:00:00"],
    ["base64", "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZw=="],
  ])("is within 35 percent of the tokenizer for %s", (_, text) => {
    const ratio = roughCount(text) / o200k.count(text);
    expect(ratio).toBeGreaterThan(0.65);
    expect(ratio).toBeLessThan(1.35);
  });

  it("is 0 for nothing", () => {
    expect(roughCount("")).toBe(0);
  });
});
