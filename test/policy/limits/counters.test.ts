import { describe, expect, it } from "vitest";
import type { LimitKind, LimitRule } from "../../../src/domain/limit.ts";
import { COUNTERS } from "../../../src/policy/limits/counters.ts";
import { NOON, ruleOf } from "./rule.ts";

const MAX = 10;
const RULES: Readonly<Record<LimitKind, LimitRule>> = {
  bucket: ruleOf({ kind: "bucket", max: MAX }),
  sliding: ruleOf({ kind: "sliding", max: MAX, unit: "tokens" }),
  leaky: ruleOf({ kind: "leaky", max: MAX }),
  calendar: ruleOf({ kind: "calendar", max: MAX, per: "day", timezone: "Europe/Berlin" }),
  slots: ruleOf({ kind: "slots", max: MAX, unit: "concurrent", per: undefined }),
};

describe.each(Object.values(RULES))("every way of counting: $kind", (rule) => {
  const counter = COUNTERS[rule.kind];
  const taken = (amount: number) => counter.take(undefined, rule, amount, NOON);
  const asked = (state: unknown, amount: number, of = rule) =>
    counter.check(state, of, amount, NOON);

  it("lets the whole maximum go at once where nothing was used", () => {
    expect(asked(undefined, MAX)).toEqual({ verdict: "go", waitMs: 0 });
  });

  it("never lets more than the maximum go, used or not", () => {
    expect(asked(undefined, MAX + 1)).toEqual({ verdict: "never" });
    expect(asked(taken(MAX).state, MAX + 1)).toEqual({ verdict: "never" });
  });

  it("never lets anything go where the maximum is nothing", () => {
    expect(asked(undefined, 1, { ...rule, max: 0, burst: 0 })).toEqual({ verdict: "never" });
    expect(asked(taken(MAX).state, 1, { ...rule, max: 0 })).toEqual({ verdict: "never" });
  });

  it("refuses what does not fit beside what was taken, and says for how long", () => {
    const check = asked(taken(MAX).state, 1);
    expect(check.verdict).toBe("wait");
    if (check.verdict === "wait") expect(check.retryAfterMs).toBeGreaterThan(0);
  });

  it("lets what takes nothing go, however much was used", () => {
    expect(asked(taken(5 * MAX).state, 0)).toEqual({ verdict: "go", waitMs: 0 });
  });

  it("takes whether or not it fits", () => {
    const { used, held, remaining } = counter.standing(taken(3 * MAX).state, rule, NOON);
    expect([used + held, remaining]).toEqual([3 * MAX, 0]);
  });

  it("stands at nothing where it was never touched", () => {
    const standing = counter.standing(undefined, rule, NOON);
    expect(standing).toMatchObject({ used: 0, held: 0, remaining: MAX });
    expect(standing.resetsAt).toBeGreaterThanOrEqual(NOON);
  });

  it("stands at nothing when it says that nothing is used any more", () => {
    const { state, window } = taken(4);
    const settled = counter.settle(state, rule, window, 4, rule.kind === "slots" ? 0 : 3, NOON);
    const { resetsAt } = counter.standing(settled, rule, NOON);
    expect(counter.standing(settled, rule, resetsAt)).toMatchObject({ used: 0, remaining: MAX });
  });

  it("gives back what was held and not used", () => {
    const { state, window } = taken(MAX);
    const settled = counter.settle(state, rule, window, MAX, 0, NOON);
    expect(asked(settled, MAX).verdict).toBe("go");
    expect(counter.standing(settled, rule, NOON)).toMatchObject({
      used: 0,
      held: 0,
      remaining: MAX,
    });
  });

  it("counts what was used beyond what was held", () => {
    const { state, window } = taken(2);
    const settled = counter.settle(state, rule, window, 2, MAX + 2, NOON);
    expect(counter.standing(settled, rule, NOON).remaining).toBe(0);
    expect(asked(settled, 1).verdict).toBe("wait");
  });

  it("corrects an end that was told already by the difference", () => {
    const { state, window } = taken(6);
    const guessed = counter.settle(state, rule, window, 6, 6, NOON);
    const told = counter.settle(guessed, rule, window, 0, -4, NOON);
    expect(counter.standing(told, rule, NOON).remaining).toBe(MAX - 2);
  });

  it("counts what was used by a request that was held for nothing", () => {
    const { state, window } = taken(0);
    const settled = counter.settle(state, rule, window, 0, 4, NOON);
    expect(counter.standing(settled, rule, NOON).remaining).toBe(MAX - 4);
  });

  it("holds a maximum that was changed from the next question on, with what was used", () => {
    const { state } = taken(6);
    const lower = { ...rule, max: 5, burst: 5 };
    const higher = { ...rule, max: 20, burst: 20 };
    expect(asked(state, 1, lower).verdict).toBe("wait");
    expect(counter.standing(state, lower, NOON).remaining).toBe(0);
    expect(counter.standing(state, higher, NOON).remaining).toBe(14);
  });

  it("stays within a bound of its size, however often it is asked", () => {
    const large = { ...rule, max: 1e9, burst: 1e9 };
    let state: unknown;
    for (let at = 0; at < 5_000; at += 1) {
      const took = counter.take(state, large, 1_000, NOON + at * 97);
      state = counter.settle(took.state, large, took.window, 1_000, 900, NOON + at * 97);
    }
    expect(JSON.stringify(state).length).toBeLessThan(2_500);
  });

  it("begins anew from what another kind or period has kept, and settles what that held", () => {
    const others: readonly LimitRule[] = [
      ...Object.values(RULES).filter(({ kind }) => kind !== rule.kind),
      ...(rule.per === undefined ? [] : [{ ...rule, per: "hour" as const }]),
    ];
    for (const other of others) {
      const { state, window } = COUNTERS[other.kind].take(undefined, other, MAX, NOON);
      expect(asked(state, MAX).verdict).toBe("go");
      const settled = counter.settle(state, rule, window, MAX, 4, NOON);
      expect(counter.standing(settled, rule, NOON)).toMatchObject({ used: 0, held: 0 });
    }
  });

  it.each([null, "text", 7, [], {}, { kind: rule.kind }])(
    "takes %j for no count of its own",
    (kept) => {
      expect(asked(kept, MAX).verdict).toBe("go");
    },
  );
});

describe("what is held", () => {
  const held = (rule: LimitRule, now = NOON) => {
    const counter = COUNTERS[rule.kind];
    const first = counter.take(undefined, rule, 6, now);
    return { counter, ...first };
  };

  it.each([RULES.bucket, RULES.sliding, RULES.calendar])(
    "is all that is in the way of a $kind until it is spent",
    (rule) => {
      const { counter, state, window } = held(rule);
      expect(counter.check(state, rule, 5, NOON)).toMatchObject({ verdict: "wait", held: true });
      const spent = counter.settle(state, rule, window, 6, 6, NOON);
      expect(counter.check(spent, rule, 5, NOON)).toMatchObject({ verdict: "wait", held: false });
      expect(counter.standing(state, rule, NOON)).toMatchObject({ used: 0, held: 6 });
      expect(counter.standing(spent, rule, NOON)).toMatchObject({ used: 6, held: 0 });
    },
  );

  it("is asked for again after a second where a calendar's window has room but for holds", () => {
    const { counter, state } = held(RULES.calendar);
    expect(counter.check(state, RULES.calendar, 5, NOON)).toMatchObject({ retryAfterMs: 1_000 });
  });

  it("is a slot that runs, and free a moment later", () => {
    const { counter, state } = held(RULES.slots);
    expect(counter.check(state, RULES.slots, 5, NOON)).toEqual({
      verdict: "wait",
      retryAfterMs: 1_000,
      held: true,
    });
  });
});

describe("a clock that runs backwards or ahead", () => {
  it.each(Object.values(RULES))("gives a full $kind nothing for free: $kind", (rule) => {
    const counter = COUNTERS[rule.kind];
    const { state } = counter.take(undefined, rule, MAX, NOON);
    for (const back of [1, 60_000, 600_000, 86_400_000, 40 * 86_400_000]) {
      expect(counter.check(state, rule, 1, NOON - back).verdict).toBe("wait");
      const again = counter.take(state, rule, MAX, NOON - back).state;
      expect(counter.standing(again, rule, NOON).remaining).toBe(0);
      const { used, held } = counter.standing(again, rule, NOON);
      expect(used + held).toBe(2 * MAX);
    }
  });

  it.each(Object.values(RULES).filter(({ kind }) => kind !== "slots"))(
    "gives a full $kind no more than the maximum once: $kind",
    (rule) => {
      const counter = COUNTERS[rule.kind];
      const { state } = counter.take(undefined, rule, MAX, NOON);
      const ahead = NOON + 86_400_000;
      expect(counter.check(state, rule, MAX, ahead).verdict).toBe("go");
      const full = counter.take(state, rule, MAX, ahead).state;
      expect(counter.check(full, rule, 1, ahead).verdict).toBe("wait");
      expect(counter.check(full, rule, 1, NOON).verdict).toBe("wait");
    },
  );
});
