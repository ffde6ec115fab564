import { describe, expect, it } from "vitest";
import { type LimitRule, NO_COST } from "../../src/domain/limit.ts";
import type { Caller } from "../../src/domain/tenant.ts";
import { createSharedLimits } from "../../src/platform/limiter-shared.ts";
import type { UpstashTake } from "../../src/platform/upstash-limits.ts";
import { type Admission, plainlyAdmitted } from "../../src/policy/limits/admission.ts";
import { NOON } from "../policy/limits/rule.ts";
import { requestsRule, tokensRule } from "../support/upstash-rules.ts";
import { createVirtualTime } from "../support/virtual-time.ts";

const CALLER = { tenant: "ten00001", locationHint: undefined } as Caller;
const floor = { tokens: 0, nanoUsd: 0 };
const option = (model: string) => ({ model, cost: { ...NO_COST, requests: 1 }, floor });
const admissionOf = (rules: readonly LimitRule[]): Admission => ({
  ...{ id: "r", rules, deadline: NOON + 60_000 },
  ways: [
    { from: 0, options: [option("a"), option("b"), option("c")] },
    { from: 0.5, options: [option("b"), option("c")] },
    { from: 0.9, options: [option("a")] },
  ],
});

/** Redis that answers so, one after the other. */
const stage = (...answers: readonly UpstashTake[]) => {
  const left = [...answers];
  const shared = createSharedLimits({
    limits: {
      take: async () => left.shift() ?? { ok: true, holds: [], standings: [], shadow: [] },
      settle: async () => true,
    },
    clock: createVirtualTime(NOON),
    background: () => {},
  });
  return { shared, rests: left };
};
const limited = (
  rule: LimitRule,
  retryAfterMs: number | undefined,
  used: number,
  ofModels = true,
): UpstashTake => ({
  ...{ ok: false, reason: "limited", rule, retryAfterMs, used, ofModels },
  resetsAt: NOON + 7_000,
});

describe("what callers are told of limits in Redis", () => {
  const rules = [requestsRule({ id: "small" }), tokensRule({ id: "tokens" })];
  const standing = (rule: Partial<LimitRule>, used: number) => ({
    ...{ rule: requestsRule(rule), used, resetsAt: NOON + 5_000 },
  });
  const own = { limit: 100, remaining: 50, resetMs: 1_000 };

  it.each([
    [4, own],
    [5, own],
    [6, { limit: 10, remaining: 4, resetMs: 5_000 }],
  ])("is whichever leaves the smaller share: %i of ten used", async (used, requests) => {
    const tokens = { ...standing({ unit: "tokens", max: 1_000 }, 900) };
    const standings = [
      standing({ max: 10 }, used),
      standing({ max: 10, mode: "shadow" }, 10),
      tokens,
    ];
    const { shared } = stage({ ok: true, holds: [], standings, shadow: [] });
    const admission = admissionOf(rules);
    await shared.take(CALLER, admission);
    const answer = { ...plainlyAdmitted(admission), requests: own };
    expect(shared.joined("r", answer)).toMatchObject({
      requests,
      tokens: { limit: 1_000, remaining: 100, resetMs: 5_000 },
    });
  });

  it("has on record what those that only watch would have refused, beside the object's", async () => {
    const shadow = [requestsRule({ mode: "shadow", level: "team" })];
    const { shared } = stage({ ok: true, holds: [], standings: [], shadow });
    const admission = admissionOf(rules);
    await shared.take(CALLER, admission);
    const before = { section: "limits", decision: "deny:key/usd/day" };
    const answer = { ...plainlyAdmitted(admission), shadow: [before] };
    expect(shared.joined("r", answer).shadow).toEqual([
      before,
      { section: "limits", decision: "deny:team/requests/minute" },
    ]);
  });

  it("is what the object says where nothing was asked of them", () => {
    const answer = { ...plainlyAdmitted(admissionOf(rules)), requests: own };
    expect(stage().shared.joined("r", answer)).toEqual(answer);
  });

  it("is no more than the maximum used up, and nothing left below it", async () => {
    const [rule = requestsRule()] = rules;
    const { shared } = stage(limited(rule, 3_000, 25, false));
    const refused = await shared.take(CALLER, admissionOf(rules));
    expect(refused).toMatchObject({
      ok: false,
      error: {
        ...{ code: "rate_limit_requests", status: 429, retryAfterMs: 3_000 },
        ...{ unit: "requests", limit: 10, used: 25, remaining: 0, resetsAt: NOON + 7_000 },
      },
    });
  });

  it("is that nobody knows where Redis does not answer", async () => {
    const [rule = requestsRule()] = rules;
    const { shared, rests } = stage(
      { ok: false, reason: "unavailable", rule, retryAfterMs: 2_000 },
      limited(rule, 1, 1),
    );
    expect(await shared.take(CALLER, admissionOf(rules))).toEqual({
      ok: false,
      error: { ok: false, code: "unavailable", retryAfterMs: 2_000 },
    });
    expect(rests).toHaveLength(1);
  });
});

describe("targets that limits in Redis have closed", () => {
  const rule = tokensRule();
  const free: UpstashTake = { ok: true, holds: [], standings: [], shadow: [] };

  it("are left out of every way, but for one of which nothing would be left", async () => {
    const { shared } = stage(limited(rule, 1_000, 1), free);
    const open = await shared.take(CALLER, admissionOf([rule]));
    if (!open.ok) throw new Error("refused");
    const models = open.value.ways.map(({ options }) => options.map(({ model }) => model));
    expect(models).toEqual([["b", "c"], ["b", "c"], ["a"]]);
  });

  it.each([
    [[5_000, 2_000, 9_000], 2_000],
    [[2_000, 5_000, 9_000], 2_000],
    [[9_000, undefined, 5_000], 5_000],
    [[undefined, 5_000, undefined], 5_000],
    [[undefined, undefined, undefined], undefined],
  ])("are waited for until the first is free: %j", async (waits, retryAfterMs) => {
    const { shared } = stage(...waits.map((ms) => limited(rule, ms, 1)));
    const refused = await shared.take(CALLER, admissionOf([rule]));
    expect(refused).toMatchObject({ ok: false, error: { retryAfterMs } });
  });
});
