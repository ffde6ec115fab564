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
