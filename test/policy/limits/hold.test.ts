import { describe, expect, it } from "vitest";
import type { Target } from "../../../src/domain/target.ts";
import { type Held, holdFor } from "../../../src/policy/limits/hold.ts";
import { type Expectation, NO_EXPECTATION } from "../../../src/policy/limits/learned-sizes.ts";
import type { Sizes } from "../../../src/policy/limits/sizes.ts";
import {
  BALANCED,
  claude,
  held,
  outcome,
  PROMPT,
  STRICT,
  STRICT_TOKENS,
  said,
  sizesFor,
  targetOf,
} from "./hold-stage.ts";

describe("what is held where no size counts", () => {
  it("is a request and a slot, with nothing read", () => {
    const sizes = { endpoint: "chat" } as Sizes;
    expect(outcome(targetOf(), sizes, undefined)).toEqual({
      cost: { requests: 1, tokens: 0, nanoUsd: 0, slots: 1 },
      floor: { tokens: 0, nanoUsd: 0 },
      outputCap: undefined,
    });
  });

  it("is the same for counting tokens, whatever is counted", () => {
    const sizes = sizesFor(said(PROMPT), "anthropic-messages", "count_tokens");
    const { cost, outputCap } = held(claude(), sizes, STRICT);
    expect(cost).toEqual({ requests: 1, tokens: 0, nanoUsd: 0, slots: 1 });
    expect(outputCap).toBeUndefined();
  });
});

describe("the output cap", () => {
  const rows: readonly (readonly [string, Record<string, unknown>, Partial<Target>, number])[] = [
    ["is the caller's where he stated one", { max_tokens: 50 }, {}, 50],
    ["is the larger where he stated two", { max_tokens: 50, max_completion_tokens: 60 }, {}, 60],
    ["is the model's longest answer where that is less", { max_tokens: 99_999 }, {}, 16_384],
    [
      "is the context where that alone is known",
      { max_tokens: 999_999 },
      { maxOutput: undefined },
      128_000,
    ],
    ["is the model's longest answer where none was stated", {}, {}, 16_384],
    ["may be nothing at all", { max_tokens: 0 }, {}, 0],
  ];
  it.each(rows)("%s", (_, more, target, cap) => {
    for (const reserve of [STRICT, STRICT_TOKENS, BALANCED]) {
      expect(held(targetOf(target), sizesFor(said("Hi", more)), reserve).outputCap).toBe(cap);
    }
  });

  it("leaves room for the input where none was stated and the context is short", () => {
    const target = targetOf({ context: 8_192, maxOutput: undefined });
    const { outputCap = 0 } = held(target, sizesFor(said(PROMPT.repeat(40))), STRICT);
    expect(outputCap).toBeLessThan(8_192 - 40 * 100);
    expect(outputCap).toBeGreaterThanOrEqual(1_024);
  });

  it("is not lowered to leave room for the input where the caller stated it", () => {
    const target = targetOf({ context: 8_192, maxOutput: undefined });
    const sizes = sizesFor(said(PROMPT.repeat(40), { max_tokens: 8_000 }));
    expect(held(target, sizes, STRICT).outputCap).toBe(8_000);
  });

  it("is ours for a model of which nothing is known, where a limit is strict", () => {
    const target = targetOf({ context: undefined, maxOutput: undefined });
    for (const reserve of [STRICT, STRICT_TOKENS]) {
      expect(held(target, sizesFor(said("Hi")), reserve).outputCap).toBe(4_096);
    }
    const small = { ...STRICT_TOKENS, mostTokens: 1_000 };
    const { outputCap = 0, cost } = held(target, sizesFor(said("Hi")), small);
    expect(outputCap).toBeGreaterThan(500);
    expect(cost.tokens).toBeLessThanOrEqual(1_000);
    const stated = sizesFor(said("Hi", { max_tokens: 9_000 }));
    expect(held(target, stated, STRICT).outputCap).toBe(9_000);
    expect(held(target, sizesFor(said("Hi")), BALANCED).outputCap).toBeUndefined();
  });

  it("does not change what goes upstream for rules that are only tried out", () => {
    const reserve = { ...BALANCED, binding: false };
    expect(held(targetOf(), sizesFor(said("Hi")), reserve).outputCap).toBeUndefined();
  });

  it.each([
    ["tokens", { ...STRICT, mostTokens: 5_000 }],
    ["money", { ...STRICT, mostNanoUsd: 5_000_000 }],
  ])("is lowered to fit %s where nobody stated it", (_, reserve) => {
    const { cost, outputCap = 0 } = held(targetOf(), sizesFor(said(PROMPT)), reserve);
    expect(cost.tokens).toBeLessThanOrEqual(reserve.mostTokens);
    expect(cost.nanoUsd).toBeLessThanOrEqual(reserve.mostNanoUsd);
    expect(outputCap).toBeGreaterThan(1_000);
    expect(outputCap).toBeLessThan(5_000);
  });

  it("is never lowered to fit a limit where the caller stated it", () => {
    const sizes = sizesFor(said(PROMPT, { max_tokens: 10_000 }));
    const { cost, outputCap } = held(targetOf(), sizes, { ...STRICT, mostTokens: 5_000 });
    expect(outputCap).toBe(10_000);
    expect(cost.tokens).toBeGreaterThan(10_000);
  });

  it("is left as it is where even the shortest answer would not fit", () => {
    const { outputCap } = held(targetOf(), sizesFor(said(PROMPT)), { ...STRICT, mostTokens: 100 });
    expect(outputCap).toBe(16_384);
  });
});

describe("a balanced hold", () => {
  const hold = (body: Record<string, unknown>, learned = NO_EXPECTATION): Held => {
    const found = holdFor(targetOf(), sizesFor(body), BALANCED, learned);
    if (!found.ok) throw new Error(found.error);
    return found.value;
  };

  it("adds a tenth to the estimate and a usual answer, before anything is learnt", () => {
    const { cost, floor } = hold(said(PROMPT));
    expect(cost.tokens).toBe(Math.ceil(floor.tokens * 1.1) + 1_024);
    expect(cost.nanoUsd).toBe((cost.tokens - 1_024) * 1_000 + 1_024 * 4_000);
  });

  it("expects more of a model that reasons", () => {
    const target = targetOf({ capabilities: new Set(["reasoning"]) });
    const found = held(target, sizesFor(said(PROMPT)), BALANCED);
    expect(found.cost.tokens - hold(said(PROMPT)).cost.tokens).toBe(4_096 - 1_024);
  });

  it("takes what was learnt of the model, for each answer", () => {
    const { cost, floor } = hold(said(PROMPT, { n: 2 }), { output: 300, inputRatio: 2 });
    expect(cost.tokens).toBe(floor.tokens * 2 + 600);
  });

  it("never expects more than the cap", () => {
    const { cost, floor } = hold(said(PROMPT, { max_tokens: 5 }), { output: 300, inputRatio: 1 });
    expect(cost.tokens).toBe(floor.tokens + 5);
  });

  // Where a limit was smaller than the answer that is expected of a model, no request ever passed.
  it.each([
    ["tokens", "tokens", { ...BALANCED, mostTokens: 800 }],
    ["money", "nanoUsd", { ...BALANCED, mostNanoUsd: 800_000 }],
  ] as const)(
    "guesses within a small limit of %s, and knows within the whole of it",
    (_, unit, reserve) => {
      const most = unit === "tokens" ? reserve.mostTokens : reserve.mostNanoUsd;
      const under = (learned: Expectation): number => {
        const found = holdFor(targetOf(), sizesFor(said("Hi")), reserve, learned);
        return found.ok ? found.value.cost[unit] : Number.NaN;
      };
      expect(under(NO_EXPECTATION)).toBeLessThan(most / 5);
      expect(under({ output: 5_000, inputRatio: 1 })).toBe(most);
      expect(under({ output: 20, inputRatio: 1 })).toBeLessThan(most / 5);
    },
  );

  it("is more than a limit that is smaller than the input", () => {
    const reserve = { ...BALANCED, mostTokens: 20 };
    expect(held(targetOf(), sizesFor(said(PROMPT)), reserve).cost.tokens).toBeGreaterThan(20);
  });
});
