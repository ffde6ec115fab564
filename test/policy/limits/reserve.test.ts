import { describe, expect, it } from "vitest";
import type { LimitRule } from "../../../src/domain/limit.ts";
import { needsSizes } from "../../../src/policy/limits/reserve.ts";
import { ruleOf } from "./rule.ts";

const rule = (more: Partial<LimitRule>): LimitRule =>
  ruleOf({ unit: "tokens", kind: "sliding", ...more });
const ENDLESS = Number.POSITIVE_INFINITY;
const usd = rule({ unit: "usd", max: 7 });
const tokens = rule({});

describe("needsSizes", () => {
  it("asks for nothing where only requests and slots are counted", () => {
    expect(needsSizes([])).toBeUndefined();
    const rules = [rule({ unit: "requests" }), rule({ unit: "concurrent", kind: "slots" })];
    expect(needsSizes(rules)).toBeUndefined();
  });

  it.each<[string, readonly LimitRule[], object]>([
    [
      "tokens strictly",
      [tokens],
      { strict: true, strictUsd: false, binding: true, mostTokens: 100, mostNanoUsd: ENDLESS },
    ],
    [
      "money strictly",
      [usd],
      { strict: true, strictUsd: true, binding: true, mostTokens: ENDLESS, mostNanoUsd: 7 },
    ],
    [
      "tokens strictly beside balanced money",
      [tokens, { ...usd, strict: false }],
      { strict: true, strictUsd: false, binding: true, mostTokens: 100, mostNanoUsd: 7 },
    ],
    ["the least of several maxima", [tokens, rule({ max: 60 })], { mostTokens: 60 }],
    [
      "a bucket's burst, which is what fits it at once",
      [rule({ kind: "bucket", burst: 30 })],
      { mostTokens: 30 },
    ],
    [
      "the maximum of what is no bucket",
      [rule({ burst: 30 }), rule({ kind: "calendar", max: 90, burst: 1 })],
      { mostTokens: 90 },
    ],
    [
      "money strictly beside strict tokens",
      [tokens, usd],
      { strict: true, strictUsd: true, binding: true, mostTokens: 100, mostNanoUsd: 7 },
    ],
    [
      "nothing strictly of balanced limits, which bind all the same",
      [{ ...tokens, strict: false }],
      { strict: false, strictUsd: false, binding: true, mostTokens: 100 },
    ],
    [
      "what is in force beside what is tried out",
      [tokens, { ...usd, mode: "shadow" }, { ...tokens, mode: "shadow", max: 1 }],
      { strict: true, strictUsd: false, binding: true, mostTokens: 100, mostNanoUsd: ENDLESS },
    ],
    [
      "nothing strict of rules that are only tried out",
      [
        { ...tokens, mode: "shadow" },
        { ...usd, mode: "shadow" },
      ],
      {
        strict: false,
        strictUsd: false,
        binding: false,
        mostTokens: ENDLESS,
        mostNanoUsd: ENDLESS,
      },
    ],
  ])("asks for %s", (_, rules, expected) => {
    expect(needsSizes(rules)).toMatchObject(expected);
  });
});
