import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DIALECTS } from "../../src/dialects/index.ts";
import type { DialectName } from "../../src/domain/dialect-name.ts";
import type { Price } from "../../src/domain/target.ts";
import type { Usage } from "../../src/domain/usage.ts";
import { mostCost } from "../../src/policy/limits/dearest.ts";
import { holdFor } from "../../src/policy/limits/hold.ts";
import { NO_EXPECTATION } from "../../src/policy/limits/learned-sizes.ts";
import { upperBoundInput } from "../../src/policy/tokens/upper-bound.ts";
import { costOf } from "../../src/policy/usage/cost.ts";
import { STRICT, said, sizesFor, targetOf } from "../policy/limits/hold-stage.ts";
import { tokenizerFor } from "../support/rank-files.ts";

/** Micro-USD per million tokens: small ones, where rounding shows, and real ones. */
const rate = fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 100_000_000 }));
const price: fc.Arbitrary<Price> = fc.record(
  {
    input: rate,
    output: rate,
    cache_read: rate,
    cache_write: rate,
    cache_write_1h: rate,
    reasoning: rate,
    audio_input: rate,
    audio_output: rate,
    image: fc.nat({ max: 100_000 }),
    request: fc.nat({ max: 100_000 }),
    above: fc.record({
      tokens: fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 300_000 })),
      input: rate,
      output: rate,
    }),
  },
  { requiredKeys: ["input", "output"] },
);

const count = fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 500_000 }));
const share = fc.double({ min: 0, max: 1, noNaN: true });
const part = (whole: number, of: number): number => Math.floor(whole * of);

/** A usage within the bounds, cut up by shares; all of them 1 or 0 often enough. */
const usage = fc
  .record({
    input: count,
    output: count,
    images: fc.nat({ max: 4 }),
    cuts: fc.array(fc.oneof(fc.constantFrom(0, 1), share), { minLength: 9, maxLength: 9 }),
    plain: fc.boolean(),
  })
  .map(({ input, output, images, cuts, plain }) => {
    const [i = 0, o = 0, r = 0, w = 0, h = 0, a = 0, t = 0, v = 0, m = 0] = cuts;
    const used = part(input, i);
    const read = part(used, r);
    const written = part(used - read, w);
    const long = plain ? 0 : part(used - read - written, h);
    const fresh = used - read - written - long;
    const said = part(output, o);
    const reported: Usage = {
      input_tokens: fresh,
      cache_read_tokens: read,
      cache_write_5m_tokens: written,
      cache_write_1h_tokens: long,
      audio_input_tokens: plain ? 0 : part(fresh, a),
      output_tokens: said,
      reasoning_tokens: part(said, t),
      audio_output_tokens: plain ? 0 : part(said, v),
      images: part(images, m),
    };
    return { bounds: { input, output, images, plain }, reported };
  });

/** Tokens of one answer. */
const ROUNDED = 3;

describe("laws of strict holds", () => {
  it("no usage within the bounds costs more than the most that they can cost", () => {
    fc.assert(
      fc.property(price, usage, (prices, { bounds, reported }) => {
        expect(costOf(prices, reported)).toBeLessThanOrEqual(mostCost(prices, bounds));
      }),
      { numRuns: 20_000 },
    );
  });

  it("some usage within the bounds costs just that", () => {
    fc.assert(
      fc.property(
        fc.record({ input: rate, output: rate }),
        count,
        count,
        (prices, input, output) => {
          const most = mostCost(prices, { input, output, images: 0, plain: true });
          expect(costOf(prices, { input_tokens: input, output_tokens: output })).toBe(most);
        },
      ),
    );
  });

  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom("a", " ", '"', "\\", "\n", "\u0000", "é", "汉", "😀", "\ud800"),
      fc.string({ minLength: 1, maxLength: 1, unit: "binary" }),
    ),
    maxLength: 60,
  });
  const content = fc.oneof(
    text,
    fc.array(
      text.map((said) => ({ type: "text", text: said })),
      { maxLength: 3 },
    ),
  );
  const turns = fc.array(fc.record({ role: fc.constantFrom("user", "assistant"), content }), {
    minLength: 1,
    maxLength: 4,
  });

  it.each<DialectName>(["openai-chat", "anthropic-messages"])(
    "the bytes of a plain %s body bound it no tighter than its parts do",
    (dialect) => {
      let compared = 0;
      fc.assert(
        fc.property(turns, fc.option(content, { nil: undefined }), (messages, system) => {
          const own = dialect === "anthropic-messages" && system !== undefined ? { system } : {};
          const body = { messages, max_tokens: 9, ...own };
          const sizes = sizesFor(body, dialect);
          const loose = sizes.looseBound(targetOf())?.tokens ?? 0;
          const request = DIALECTS[dialect].request.decode(body);
          if (!request.ok) return;
          compared += 1;
          expect(loose).toBeGreaterThanOrEqual(upperBoundInput(request.value, "gpt-4") ?? 0);
        }),
        { numRuns: 1_000 },
      );
      expect(compared).toBeGreaterThan(500);
    },
  );

  it("a tokenizer makes less of any text than is held for it", () => {
    const tokenizer = tokenizerFor("o200k_base");
    fc.assert(
      fc.property(text, fc.nat({ max: 50 }), fc.nat({ max: 50 }), (prompt, cap, extra) => {
        const sizes = sizesFor(said(prompt, { max_tokens: cap + 1 }));
        for (const exactly of [false, true]) {
          const held = holdFor(targetOf(), sizes, STRICT, NO_EXPECTATION, exactly);
          const cost = held.ok ? held.value.cost : undefined;
          const input_tokens = tokenizer.count(prompt);
          const output_tokens = Math.min(cap + 1, extra);
          expect(cost?.tokens).toBeGreaterThanOrEqual(input_tokens + output_tokens);
          const actual = costOf(targetOf().price, { input_tokens, output_tokens });
          expect(cost?.nanoUsd).toBeGreaterThanOrEqual(actual ?? 0);
        }
      }),
    );
  });

  it("a cap that nobody stated is lowered to what fits, or not at all", () => {
    let lowered = 0;
    fc.assert(
      fc.property(
        price,
        text,
        fc.integer({ min: 1, max: 8 }),
        fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat({ max: 50_000 })),
        fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat({ max: 1_000_000_000 })),
        (prices, prompt, n, mostTokens, mostNanoUsd) => {
          const target = targetOf({ price: prices });
          const reserve = { ...STRICT, mostTokens, mostNanoUsd };
          const held = holdFor(target, sizesFor(said(prompt, { n })), reserve, NO_EXPECTATION);
          if (!held.ok) throw new Error(held.error);
          const { cost, outputCap = 0 } = held.value;
          if (outputCap === target.maxOutput) return;
          expect(outputCap).toBeGreaterThanOrEqual(16);
          expect(cost.tokens).toBeLessThanOrEqual(mostTokens);
          expect(cost.nanoUsd).toBeLessThanOrEqual(mostNanoUsd);
          // Nor lower than need be, but for what is rounded: of a price that shows, and is one for any length.
          if (prices.above !== undefined || prices.output < 1_000_000) return;
          const body = said(prompt, { n, max_tokens: outputCap + ROUNDED });
          const above = holdFor(target, sizesFor(body), STRICT, NO_EXPECTATION);
          if (!above.ok) throw new Error(above.error);
          const { tokens, nanoUsd } = above.value.cost;
          expect(tokens > mostTokens || nanoUsd > mostNanoUsd).toBe(true);
          lowered += 1;
        },
      ),
      { numRuns: 2_000 },
    );
    expect(lowered).toBeGreaterThan(20);
  });
});
