import { describe, expect, it } from "vitest";
import { COUNTERS } from "../../../src/policy/limits/counters.ts";
import { NOON, ruleOf } from "./rule.ts";

describe("a bucket", () => {
  const rule = ruleOf({ kind: "bucket", max: 60, burst: 5 });
  const { check, take, standing } = COUNTERS.bucket;

  it("lets its burst go at once and then one each period / max", () => {
    const full = take(undefined, rule, 5, NOON).state;
    expect(check(full, rule, 1, NOON)).toMatchObject({ retryAfterMs: 1_000 });
    expect(check(full, rule, 1, NOON + 999)).toMatchObject({ retryAfterMs: 1 });
    expect(check(full, rule, 1, NOON + 1_000).verdict).toBe("go");
    expect(check(full, rule, 2, NOON + 1_000)).toMatchObject({ retryAfterMs: 1_000 });
    expect(standing(full, rule, NOON + 1_500).remaining).toBe(1);
  });

  it("never lets more than its burst go, though the maximum is larger", () => {
    expect(check(undefined, rule, 6, NOON)).toEqual({ verdict: "never" });
  });

  it("counts a million dollars a minute to the nano-USD", () => {
    const usd = ruleOf({ kind: "bucket", unit: "usd", max: 1e15 });
    const full = take(undefined, usd, 1e15, NOON).state;
    // 10¹⁵ / 60,000 is 16,666,666,666 and two thirds a millisecond.
    expect(standing(full, usd, NOON + 1).remaining).toBe(16_666_666_666);
    expect(standing(full, usd, NOON + 3).remaining).toBe(50_000_000_000);
    expect(check(full, usd, 16_666_666_667, NOON)).toMatchObject({ retryAfterMs: 2 });
    expect(check(full, usd, 1e15 - 1, NOON)).toMatchObject({ retryAfterMs: 60_000 });
  });

  it("lets debts wait", () => {
    const debt = take(undefined, rule, 65, NOON).state;
    expect(check(debt, rule, 1, NOON)).toMatchObject({ retryAfterMs: 61_000 });
  });
});

describe("a leaky bucket", () => {
  const rule = ruleOf({ kind: "leaky", max: 60, maxWaitMs: 2_000 });
  const { check, take, settle } = COUNTERS.leaky;

  it("gives turns one period / max apart, and refuses who would wait too long", () => {
    let state: unknown;
    const waits: unknown[] = [];
    for (let nth = 0; nth < 5; nth += 1) {
      const answer = check(state, rule, 1, NOON);
      waits.push(answer.verdict === "go" ? answer.waitMs : answer);
      if (answer.verdict === "go") state = take(state, rule, 1, NOON).state;
    }
    const refused = { verdict: "wait", retryAfterMs: 1_000, held: false };
    expect(waits).toEqual([0, 1_000, 2_000, refused, refused]);
  });

  it("keeps a turn that was given while somebody stands behind it, and gives it back else", () => {
    const first = take(undefined, rule, 1, NOON);
    const second = take(first.state, rule, 1, NOON);
    const gaveUp = settle(second.state, rule, first.window, 1, 0, NOON);
    expect(check(gaveUp, rule, 1, NOON)).toMatchObject({ waitMs: 2_000 });
    const lastGaveUp = settle(gaveUp, rule, second.window, 1, 0, NOON);
    expect(check(lastGaveUp, rule, 1, NOON)).toMatchObject({ waitMs: 1_000 });
  });

  it("keeps the last turn the last one, though something that takes nothing comes after it", () => {
    const first = take(undefined, rule, 1, NOON);
    const nothing = take(first.state, rule, 0, NOON);
    const gaveUp = settle(nothing.state, rule, first.window, 1, 0, NOON);
    expect(check(gaveUp, rule, 1, NOON)).toMatchObject({ waitMs: 0 });
  });
});

describe("a sliding window", () => {
  const rule = ruleOf({ kind: "sliding", max: 10, unit: "tokens" });
  const { check, take, settle, standing } = COUNTERS.sliding;

  it("has no edge at which twice the maximum goes", () => {
    const late = take(undefined, rule, 10, NOON + 59_000).state;
    expect(check(late, rule, 1, NOON + 61_000)).toMatchObject({ retryAfterMs: 58_000 });
    expect(check(late, rule, 10, NOON + 118_999).verdict).toBe("wait");
    expect(check(late, rule, 10, NOON + 119_000).verdict).toBe("go");
  });

  it("counts a sub-window until its newest taking is a period old", () => {
    const first = take(undefined, rule, 5, NOON).state;
    const both = take(first, rule, 5, NOON + 900).state;
    expect(check(both, rule, 1, NOON)).toMatchObject({ retryAfterMs: 60_900 });
    expect(check(both, rule, 1, NOON + 900)).toMatchObject({ retryAfterMs: 60_000 });
    expect(check(both, rule, 1, NOON + 60_899).verdict).toBe("wait");
    expect(check(both, rule, 10, NOON + 60_900).verdict).toBe("go");
  });

  // What had left was counted again when its request ended within a sub-window after that.
  it("changes nothing for a request that left a moment ago", () => {
    const { state, window } = take(undefined, rule, 8, NOON);
    const settled = settle(state, rule, window, 8, 8, NOON + 60_000);
    expect(standing(settled, rule, NOON + 60_000)).toMatchObject({ used: 0, held: 0 });
  });

  it("changes nothing for a request whose sub-window is over", () => {
    const { state, window } = take(undefined, rule, 8, NOON);
    const later = take(state, rule, 2, NOON + 70_000).state;
    const settled = settle(later, rule, window, 8, 50, NOON + 70_000);
    expect(standing(settled, rule, NOON + 70_000)).toMatchObject({ used: 0, held: 2 });
  });

  it("finds what was held again, though the clock ran backwards in between", () => {
    const { state, window } = take(undefined, rule, 8, NOON);
    const later = take(state, rule, 1, NOON - 600_000).state;
    const settled = settle(later, rule, window, 8, 0, NOON);
    expect(standing(settled, rule, NOON)).toMatchObject({ used: 0, held: 1 });
  });
});
