import { describe, expect, it } from "vitest";
import { type Cost, type LimitRule, NO_COST } from "../../../src/domain/limit.ts";
import { draftOf } from "../../../src/policy/limits/book.ts";
import {
  binding,
  easiest,
  evaluate,
  type Obstacle,
  type Obstacles,
  rulesAt,
} from "../../../src/policy/limits/evaluate.ts";
import { takeAll } from "../../../src/policy/limits/take.ts";
import { NOON, ruleOf } from "./rule.ts";

const HOUR = 3_600_000;
const book = () => draftOf({ rule: () => undefined, reservation: () => undefined });
const COST: Cost = { requests: 1, tokens: 100, nanoUsd: 100, slots: 1 };
const ofAll = ruleOf({ id: "all" });
const ofA = ruleOf({ id: "a", models: ["a"] });
const ofB = ruleOf({ id: "b", models: ["b"] });

const inTheWay = (rule: LimitRule, check: Obstacle["check"]): Obstacle => ({ rule, check });
const waits = (id: string, retryAfterMs: number, more: Partial<LimitRule> = {}): Obstacle =>
  inTheWay(ruleOf({ id, ...more }), { verdict: "wait", retryAfterMs, held: false });
const never = (id: string, more: Partial<LimitRule> = {}): Obstacle =>
  inTheWay(ruleOf({ id, ...more }), { verdict: "never" });
const money = { unit: "usd", kind: "calendar", per: "day" } as const;

describe("the rules for a target", () => {
  it("are those of the whole request and its own, not those of others", () => {
    expect(rulesAt([ofAll, ofB, ofA], "a")).toEqual([ofAll, ofA]);
    expect(rulesAt([ofAll, ofB], "a")).toEqual([ofAll]);
  });

  it("are the very list where none is of single targets", () => {
    const rules = [ofAll];
    expect(rulesAt(rules, "a")).toBe(rules);
  });
});

describe("a wait for one's turn", () => {
  const queue = ruleOf({ kind: "leaky", max: 6, maxWaitMs: 60_000 });

  it.each([
    ["on", 10_000],
    ["shadow", 0],
  ] as const)("is kept where the limit is %s: %i ms", (mode, waitMs) => {
    const draft = book();
    const rules = [{ ...queue, mode }];
    takeAll(draft, rules, COST, undefined, NOON);
    expect(evaluate(draft, rules, COST, NOON)).toMatchObject({ waitMs, obstacles: [] });
  });
});

describe("of several limits in the way a caller is told", () => {
  const rows: [string, readonly Obstacle[], string][] = [
    ["the longest wait", [waits("short", 2_000), waits("long", 9_000)], "long"],
    ["a budget that is spent", [waits("rate", HOUR), waits("usd", 1_000, money)], "usd"],
    ["the larger of two such", [waits("u1", 1, money), waits("u2", 2, money)], "u2"],
    ["what it can never pass", [waits("usd", HOUR, money), never("small")], "small"],
  ];

  it.each(rows)("%s", (_, obstacles, id) => {
    for (const all of [obstacles, obstacles.toReversed()]) {
      const named = all.map(({ rule, check }) => ({ rule: { ...rule, level: rule.id }, check }));
      expect(binding(book(), named as unknown as Obstacles, NOON).level).toBe(id);
    }
  });

  it("to come back when nothing is in the way any more, whichever is told", () => {
    const all = [waits("usd", 1_000, { ...money, budgetStatus: 429 }), waits("rate", HOUR)];
    expect(binding(book(), all as unknown as Obstacles, NOON)).toMatchObject({
      ...{ unit: "usd", retryAfterMs: HOUR },
    });
  });
});

describe("a refusal says all that is known of the limit", () => {
  it.each([
    [ruleOf({ unit: "tokens", kind: "sliding", level: "team", max: 150 }), 100],
    [ruleOf({ unit: "usd", kind: "sliding", level: "team", max: 150 }), 0],
  ])("used is what rates hold too, of a budget only what is spent: $unit", (rule, used) => {
    const draft = book();
    takeAll(draft, [rule], COST, undefined, NOON);
    const { obstacles } = evaluate(draft, [rule], COST, NOON + 1_000);
    expect(binding(draft, obstacles as unknown as Obstacles, NOON + 1_000)).toMatchObject({
      ...{ ok: false, level: "team", unit: rule.unit, per: "minute" },
      ...{ limit: 150, used, remaining: 50, resetsAt: NOON + 60_000 },
    });
  });
});

describe("of several ways a caller waits for", () => {
  const way = (...obstacles: Obstacle[]) => obstacles as unknown as Obstacles;

  it("the one of which the last is free first", () => {
    const one = way(waits("a", 1_000), waits("b", 9_000));
    const other = way(waits("c", 3_000), waits("d", 2_000));
    const no = way(never("e"), waits("f", 1));
    expect(easiest([one, other, no])).toBe(other);
    expect(easiest([no, other, one])).toBe(other);
  });

  it("the first of equals", () => {
    const [one, other] = [way(waits("a", 5)), way(waits("b", 5))];
    expect(easiest([one, other])).toBe(one);
  });
});

it("what costs nothing is in nobody's way", () => {
  const full = ruleOf({ max: 0, burst: 0 });
  expect(evaluate(book(), [full], NO_COST, NOON).obstacles).toEqual([]);
  expect(evaluate(book(), [full], COST, NOON).obstacles).toHaveLength(1);
});
