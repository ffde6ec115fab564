import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergePiece } from "../../src/policy/tokens/merge.ts";
import type { RankTable } from "../../src/policy/tokens/rank-table.ts";
import { tokenizerFor } from "../support/rank-files.ts";

const utf8 = new TextEncoder();

/** Merging as it is defined: again and again the leftmost pair of lowest rank. Quadratic, and plainly right. */
const mergeByDefinition = (bytes: Uint8Array, table: RankTable): number[] => {
  const borders = Array.from({ length: bytes.length + 1 }, (_, at) => at);
  const pairRank = (at: number): number => {
    const rank = table.rankOf(bytes, borders[at] ?? 0, borders[at + 2] ?? 0);
    return rank === -1 ? Number.POSITIVE_INFINITY : rank;
  };
  for (;;) {
    const ranks = borders.slice(0, -2).map((_, at) => pairRank(at));
    const lowest = Math.min(...ranks);
    if (lowest === Number.POSITIVE_INFINITY) break;
    borders.splice(ranks.indexOf(lowest) + 1, 1);
  }
  return borders.slice(0, -1).map((start, at) => table.rankOf(bytes, start, borders[at + 1] ?? 0));
};

/** Every byte is a token, and so is every run of up to five of "a" and "b" (ranks by a fixed shuffle). */
const smallTable: RankTable = {
  rankOf(bytes, start, end) {
    const text = String.fromCharCode(...bytes.subarray(start, end));
    if (text.length === 1) return text.charCodeAt(0);
    if (!/^[ab]{2,5}$/.test(text)) return -1;
    let rank = text.length;
    for (const letter of text) rank = (rank * 31 + letter.charCodeAt(0)) % 9_973;
    return 256 + rank * 8 + text.length;
  },
};

describe("laws of tokens", () => {
  it("merging by heap equals merging by definition", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(word, (text) => {
        const bytes = utf8.encode(text);
        const whole = smallTable.rankOf(bytes, 0, bytes.length);
        const expected = whole === -1 ? mergeByDefinition(bytes, smallTable) : [whole];
        expect(mergePiece(bytes, bytes.length, smallTable)).toEqual(expected);
      }),
    );
  });

  it("a text has at most as many tokens as bytes, and count is the length of encode", () => {
    const tokenizers = [tokenizerFor("o200k_base"), tokenizerFor("cl100k_base")];
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        for (const tokenizer of tokenizers) {
          const count = tokenizer.count(text);
          expect(count).toBe(tokenizer.encode(text).length);
          expect(count).toBeLessThanOrEqual(utf8.encode(text).length);
        }
      }),
    );
  });
});
