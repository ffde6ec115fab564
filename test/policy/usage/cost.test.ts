import { describe, expect, it } from "vitest";
import type { Price } from "../../../src/domain/target.ts";
import type { Usage } from "../../../src/domain/usage.ts";
import { costOf } from "../../../src/policy/usage/cost.ts";

const FLAT: Price = { input: 2_500_000, output: 10_000_000 };
const FULL: Price = {
  input: 3_000_000,
  output: 15_000_000,
  cache_read: 300_000,
  cache_write: 3_750_000,
  cache_write_1h: 6_000_000,
  reasoning: 20_000_000,
  audio_input: 40_000_000,
  audio_output: 80_000_000,
  image: 40_000_000,
  request: 5_000_000,
};
const TIERED: Price = {
  input: 1_250_000,
  output: 10_000_000,
  cache_read: 125_000,
  above: { tokens: 200_000, input: 2_500_000, output: 15_000_000 },
};

type Row = { fact: string; price: Price; usage: Usage; nano: number };
const rows: readonly Row[] = [
  { fact: "nothing used", price: FLAT, usage: {}, nano: 0 },
  {
    fact: "input and output",
    price: FLAT,
    usage: { input_tokens: 1_000, output_tokens: 100 },
    nano: 3_500_000,
  },
  {
    fact: "cached input without a cache price, at the price of input",
    price: FLAT,
    usage: { cache_read_tokens: 10, cache_write_5m_tokens: 20, cache_write_1h_tokens: 30 },
    nano: 150_000,
  },
  {
    fact: "an hour's cache write without a price of its own, as the short one",
    price: { ...FLAT, cache_write: 3_000_000 },
    usage: { cache_write_1h_tokens: 10 },
    nano: 30_000,
  },
  {
    fact: "every cache tier apart",
    price: FULL,
    usage: { cache_read_tokens: 10, cache_write_5m_tokens: 10, cache_write_1h_tokens: 10 },
    nano: 3_000 + 37_500 + 60_000 + 5_000_000,
  },
  {
    fact: "reasoning inside the output, not on top of it",
    price: FULL,
    usage: { output_tokens: 100, reasoning_tokens: 40 },
    nano: 60 * 15_000 + 40 * 20_000 + 5_000_000,
  },
  {
    fact: "reasoning without a price of its own, as output",
    price: FLAT,
    usage: { output_tokens: 100, reasoning_tokens: 40 },
    nano: 1_000_000,
  },
  {
    fact: "audio inside input and output",
    price: FULL,
    usage: {
      input_tokens: 10,
      audio_input_tokens: 4,
      output_tokens: 10,
      audio_output_tokens: 5,
      reasoning_tokens: 5,
    },
    nano: 6 * 3_000 + 4 * 40_000 + 5 * 80_000 + 5 * 20_000 + 5_000_000,
  },
  {
    fact: "images one by one and the request itself",
    price: FULL,
    usage: { images: 3 },
    nano: 3 * 40_000_000 + 5_000_000,
  },
  {
    fact: "the base tier at exactly its border",
    price: TIERED,
    usage: { input_tokens: 200_000 },
    nano: 250_000_000,
  },
  {
    fact: "the long-context tier by the whole input, for every token of the call",
    price: TIERED,
    usage: { input_tokens: 1, cache_read_tokens: 200_000, output_tokens: 10 },
    nano: 2_500 + 200_000 * 250 + 10 * 15_000,
  },
  {
    fact: "what has no price of its own as the tier's input, also where input below it is free",
    price: { input: 0, output: 0, above: { tokens: 50, input: 75_000, output: 300_000 } },
    usage: { input_tokens: 60, cache_read_tokens: 20, output_tokens: 10, reasoning_tokens: 10 },
    nano: 80 * 75 + 10 * 300,
  },
  {
    fact: "a request that costs less than a micro-USD",
    price: { input: 0, output: 0, request: 15 },
    usage: { input_tokens: 9 },
    nano: 15,
  },
  { fact: "a price of zero", price: { input: 0, output: 0 }, usage: { input_tokens: 9 }, nano: 0 },
  {
    fact: "one rounding for the sum: 0.5 + 0.5 nano is one",
    price: { input: 500, output: 500 },
    usage: { input_tokens: 1, output_tokens: 1 },
    nano: 1,
  },
];

describe("costOf", () => {
  it.each(rows)("charges $fact", ({ price, usage, nano }) => {
    expect(costOf(price, usage)).toBe(nano);
  });

  it("knows no cost without a price", () => {
    expect(costOf(undefined, { input_tokens: 1 })).toBeUndefined();
  });

  it("is exact where a product leaves the safe integers", () => {
    const price = { input: 1_000_000_007, output: 0 };
    expect(costOf(price, { input_tokens: 99_999_785 })).toBe(99_999_785_699_998);
  });

  it.each([-5, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("charges nothing for %d tokens", (n) => {
    expect(costOf(FLAT, { input_tokens: n, output_tokens: 1 })).toBe(10_000);
  });
});
