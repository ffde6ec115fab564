import { describe, expect, it } from "vitest";
import { tokenizerFor } from "../../support/rank-files.ts";

const o200k = tokenizerFor("o200k_base");
const cl100k = tokenizerFor("cl100k_base");

describe("tokenizer", () => {
  it.each([
    ["", []],
    ["Hello world!", [13225, 2375, 0]],
    ["I love 🍕", [40, 3047, 197348, 243]],
  ])("encodes %j in o200k_base", (text, ids) => {
    expect(o200k.encode(text)).toEqual(ids);
  });

  it("takes the mark of a special token for text", () => {
    expect(cl100k.encode("<|endoftext|>")).not.toContain(100257);
    expect(cl100k.count("<|endoftext|>")).toBeGreaterThan(1);
  });

  it("encodes half a surrogate pair as the replacement character", () => {
    expect(o200k.encode("a\ud83cb")).toEqual(o200k.encode("a\ufffdb"));
  });

  // A piece of eight megabytes took hundreds of megabytes to merge: it is merged in parts.
  it("cuts no character where it merges a long piece in parts", () => {
    const [replacement] = o200k.encode("\ufffd");
    expect(o200k.encode(` ${"🍕".repeat(40_000)}`)).not.toContain(replacement);
  });

  it("counts a long piece as its parts: one token more of each at most", () => {
    const parts = 4 * o200k.count("ab".repeat(65_536 / 2));
    const whole = o200k.count("ab".repeat(65_536 * 2));
    expect(Math.abs(whole - parts)).toBeLessThanOrEqual(4);
  });

  it.each(["a", "A", " ", "\n", "!", "汉", "\u0301", "é"])(
    "merges 500,000 times %j, one piece without a border",
    (unit) => {
      // Quadratic merging takes minutes here; the test's own time limit is the measure.
      for (const tokenizer of [o200k, cl100k]) {
        const count = tokenizer.count(unit.repeat(500_000));
        expect(count).toBeGreaterThan(0);
        expect(count).toBeLessThanOrEqual(500_000 * new TextEncoder().encode(unit).length);
      }
    },
  );
});
