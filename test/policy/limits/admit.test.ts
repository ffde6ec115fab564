import { describe, expect, it } from "vitest";
import { type Cost, type LimitRule, NO_COST } from "../../../src/domain/limit.ts";
import type { Admission, Admitted } from "../../../src/policy/limits/admission.ts";
import { admit } from "../../../src/policy/limits/admit.ts";
import { type Draft, draftOf } from "../../../src/policy/limits/book.ts";
import { NOON, ruleOf } from "./rule.ts";

const empty = (): Draft => draftOf({ rule: () => undefined, reservation: () => undefined });
const option = (cost: Partial<Cost>, model = "a") => ({
  model,
  cost: { ...NO_COST, requests: 1, ...cost },
  floor: { tokens: 0, nanoUsd: 0 },
});
const asking = (
  id: string,
  rules: readonly LimitRule[],
  cost: Partial<Cost> = {},
  ways: Admission["ways"] = [{ from: 0, options: [option(cost)] }],
): Admission => ({ id, rules, ways, deadline: NOON + 60_000 });
const admitted = (draft: Draft, admission: Admission, now = NOON): Admitted => {
  const answer = admit(draft, admission, now);
  if (!answer.ok) throw new Error(answer.code);
  return answer;
};
/** Two rules with these maxima: one of the whole request, one of its target's own. */
const both = (said: Partial<LimitRule>, ofAll: number, ofOwn: number): LimitRule[] => [
  ruleOf({ ...said, id: "all", level: "team", max: ofAll }),
  ruleOf({ ...said, id: "own", level: "org", max: ofOwn, models: ["a"] }),
];

describe("an admission tells of the request's limits and of the target's own alike", () => {
  it.each([
    [6, 60],
    [60, 6],
  ])("the longest wait for a turn: %i and %i a minute", (ofAll, ofOwn) => {
    const rules = both({ kind: "leaky", maxWaitMs: 60_000 }, ofAll, ofOwn);
    const draft = empty();
    expect(admitted(draft, asking("first", rules)).waitMs).toBe(0);
    expect(admitted(draft, asking("second", rules)).waitMs).toBe(10_000);
  });

  it.each([
    [10, 40],
    [40, 10],
  ])("of each unit the limit that leaves least: %i and %i a minute", (ofAll, ofOwn) => {
    const of = { kind: "sliding", unit: "requests" } as const;
    const small = both(of, ofAll, ofOwn);
    const large = both({ ...of, unit: "tokens" }, 100 * ofOwn, 100 * ofAll).map((rule) => ({
      ...rule,
      id: `${rule.id} tokens`,
    }));
    expect(admitted(empty(), asking("r", [...small, ...large], { tokens: 300 }))).toMatchObject({
      requests: { limit: 10, remaining: 9, resetMs: 60_000 },
      tokens: { limit: 1_000, remaining: 700, resetMs: 60_000 },
    });
  });

  it.each([
    [100, 90, "org;used=0.94"],
    [90, 100, "team;used=0.94"],
  ])("of budgets of %i and %i the one that is nearer its end", (ofAll, ofOwn, warning) => {
    const rules = both({ kind: "calendar", unit: "usd", per: "day" }, ofAll, ofOwn);
    const draft = empty();
    expect(admitted(draft, asking("early", rules, { nanoUsd: 70 }))).toMatchObject({
      ...{ warning: undefined, warned: [] },
    });
    expect(admitted(draft, asking("late", rules, { nanoUsd: 15 }))).toMatchObject({
      warning,
      warned: ["team/usd/day", "org/usd/day"],
    });
  });

  it("a budget that came near is named once in its window, and warned of as long as it is", () => {
    const budget = ruleOf({ kind: "calendar", unit: "usd", per: "day", max: 100 });
    const draft = empty();
    const named = (id: string, now: number) => {
      const { warning, warned } = admitted(draft, asking(id, [budget], { nanoUsd: 45 }), now);
      return [warning, warned.length];
    };
    expect(named("first", NOON)).toEqual([undefined, 0]);
    expect(named("second", NOON)).toEqual(["key;used=0.90", 1]);
    const { warning, warned } = admitted(draft, asking("third", [budget], { nanoUsd: 5 }));
    expect([warning, warned]).toEqual(["key;used=0.95", []]);
    expect(named("tomorrow", NOON + 86_400_000)).toEqual([undefined, 0]);
    expect(named("and again", NOON + 86_400_000)).toEqual(["key;used=0.90", 1]);
  });

  it.each<[string, boolean, Partial<LimitRule>]>([
    ["money in a bucket", true, { kind: "bucket", unit: "usd" }],
    ["money that slides", true, { kind: "sliding", unit: "usd" }],
    ["requests of a day", true, { kind: "calendar", unit: "requests", per: "day" }],
    ["tokens that slide", false, { kind: "sliding", unit: "tokens" }],
    ["money that is tried out", false, { kind: "sliding", unit: "usd", mode: "shadow" }],
  ])("the end of %s, once a period, from just its soft share on: %j", (_, isTold, said) => {
    const rule = ruleOf({ max: 100, soft: 0.5, ...said });
    const draft = empty();
    const take = (id: string, now: number) => {
      const cost = { requests: 25, tokens: 25, nanoUsd: 25 };
      return admitted(draft, asking(id, [rule], cost), now).warned.length > 0;
    };
    const later = NOON + 2_000;
    expect([take("a", NOON), take("b", NOON), take("c", later)]).toEqual([false, isTold, false]);
    const next = NOON + (rule.per === "day" ? 86_400_000 : 120_000);
    expect([take("d", next), take("e", next)]).toEqual([false, isTold]);
  });

  it("those on trial that would have refused", () => {
    const rules = both({ mode: "shadow" }, 0, 0);
    expect(admitted(empty(), asking("r", rules)).shadow).toEqual([
      { section: "limits", decision: "deny:team/requests/minute" },
      { section: "limits", decision: "deny:org/requests/minute" },
    ]);
  });
});

describe("the way of a budget", () => {
  const budget = ruleOf({ kind: "calendar", unit: "usd", per: "day", max: 100 });
  const ways: Admission["ways"] = [
    { from: 0, options: [option({}, "dear")] },
    { from: 0.5, options: [option({}, "cheap")] },
    { from: 0.9, options: [option({}, "cheapest")] },
  ];

  it.each([
    [0, 0, "dear"],
    [49, 0, "dear"],
    [50, 1, "cheap"],
    [89, 1, "cheap"],
    [90, 2, "cheapest"],
    [100, 2, "cheapest"],
  ])("is the last that begins at what is spent or held: %i of 100", (nanoUsd, way, model) => {
    const draft = empty();
    admitted(draft, asking("before", [budget], { nanoUsd }));
    expect(admitted(draft, asking("r", [budget], {}, ways))).toMatchObject({
      way,
      models: [model],
    });
  });

  it("is not moved by a budget of other targets", () => {
    const others = { ...budget, models: ["other"] };
    const draft = empty();
    const before = [{ from: 0, options: [option({ nanoUsd: 90 }, "other")] }] as const;
    admitted(draft, asking("before", [others], {}, before));
    expect(admitted(draft, asking("r", [others], {}, ways))).toMatchObject({ way: 0 });
  });
});
