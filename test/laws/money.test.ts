import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatUsd, nanoUsd, usd } from "../../src/base/money.ts";
import type { Price } from "../../src/domain/target.ts";
import type { Usage } from "../../src/domain/usage.ts";
import { costOf } from "../../src/policy/usage/cost.ts";

const rate = fc.integer({ min: 0, max: 1_000_000_000 });
const tokens = fc.integer({ min: 0, max: 100_000_000 });
const price: fc.Arbitrary<Price> = fc.record(
  { input: rate, output: rate, cache_read: rate, cache_write: rate, reasoning: rate },
  { requiredKeys: ["input", "output"] },
);
const usage: fc.Arbitrary<Usage> = fc.record(
  {
    input_tokens: tokens,
    cache_read_tokens: tokens,
    cache_write_5m_tokens: tokens,
    output_tokens: tokens,
  },
  { requiredKeys: [] },
);

describe("laws of money", () => {
  it("reads back every amount that it writes", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (nano) => {
        const [whole = "", fraction = ""] = formatUsd(nano).replace("-", "").split(".");
        const back = BigInt(whole) * 10n ** 9n + BigInt(fraction.padEnd(9, "0"));
        expect(Number(nano < 0 ? -back : back)).toBe(nano);
      }),
    );
  });

  it("says the same as a number, and reads it back", () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (nano) => {
        expect(String(usd(nano))).toBe(String(Number(formatUsd(nano))));
        expect(Math.abs(nanoUsd(usd(nano)) - nano)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("counts in safe integers, whatever price was written", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true }), (price) => {
        expect(Number.isSafeInteger(nanoUsd(price))).toBe(true);
      }),
    );
  });

  it("charges a safe integer of nano-USD, whatever was used", () => {
    fc.assert(
      fc.property(price, usage, (p, u) => {
        const cost = costOf(p, u);
        expect(Number.isSafeInteger(cost) && cost !== undefined && cost >= 0).toBe(true);
      }),
    );
  });

  it("never charges less for more", () => {
    fc.assert(
      fc.property(price, usage, tokens, (p, u, more) => {
        const larger = { ...u, output_tokens: (u.output_tokens ?? 0) + more };
        expect(costOf(p, larger) ?? -1).toBeGreaterThanOrEqual(costOf(p, u) ?? 0);
      }),
    );
  });

  it("charges two calls within a nano-USD of their sum", () => {
    fc.assert(
      fc.property(price, tokens, tokens, (p, a, b) => {
        const both = costOf(p, { input_tokens: a + b }) ?? 0;
        const apart = (costOf(p, { input_tokens: a }) ?? 0) + (costOf(p, { input_tokens: b }) ?? 0);
        expect(Math.abs(both - apart)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
