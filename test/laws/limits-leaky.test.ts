import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LeakyState, leaky } from "../../src/policy/limits/leaky.ts";
import { LENGTH_MS, NOON, ruleOf } from "../policy/limits/rule.ts";
import { thousandths } from "./thousandths.ts";

const step = fc.record({
  pause: fc.oneof(fc.constant(0), fc.nat({ max: 300 }), fc.nat({ max: 20_000 })),
  amount: fc.integer({ min: 1, max: 7 }),
  settles: fc.option(fc.nat({ max: 4 })),
  share: thousandths(1),
});

type Turn = { readonly at: number; readonly window: string; readonly held: number; used: number };

const rules = fc
  .record({ max: fc.constantFrom(7, 60, 100, 90_001), maxWaitMs: fc.constantFrom(0, 900, 30_000) })
  .map((said) => ruleOf({ kind: "leaky", ...said }));

/** Everybody who got a turn, in the order in which they asked. */
const turnsOf = (
  rule: ReturnType<typeof ruleOf>,
  steps: readonly { pause: number; amount: number; settles: number | null; share: number }[],
): readonly Turn[] => {
  const turns: Turn[] = [];
  const open: Turn[] = [];
  let state: LeakyState | undefined;
  let now = NOON;
  for (const { pause, amount, settles, share } of steps) {
    now += pause;
    const turn = settles === null ? undefined : open.splice(settles, 1)[0];
    if (turn !== undefined) {
      turn.used = Math.floor(turn.held * share);
      state = leaky.settle(state, rule, turn.window, turn.held, turn.used, now);
    }
    const check = leaky.check(state, rule, amount, now);
    if (check.verdict !== "go") continue;
    expect(check.waitMs).toBeLessThanOrEqual(rule.maxWaitMs);
    const taken = leaky.take(state, rule, amount, now);
    state = taken.state;
    const made = { at: now + check.waitMs, window: taken.window, held: amount, used: amount };
    turns.push(made);
    open.push(made);
  }
  return turns;
};

describe("laws of the leaky bucket", () => {
  it("nobody's turn comes before what the one ahead used has run off, whatever is given back", () => {
    fc.assert(
      fc.property(rules, fc.array(step, { minLength: 2, maxLength: 80 }), (rule, steps) => {
        const turns = turnsOf(rule, steps);
        for (const [nth, { at, used }] of turns.entries()) {
          const next = turns[nth + 1];
          if (next === undefined) continue;
          const gap = Math.floor((used * LENGTH_MS.minute) / rule.max);
          expect(next.at - at).toBeGreaterThanOrEqual(gap);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it("in no stretch of a period's length more than the maximum leaves", () => {
    fc.assert(
      fc.property(rules, fc.array(step, { minLength: 2, maxLength: 80 }), (rule, steps) => {
        // Half of those who end give their turn back: they have not left.
        const singly = steps.map((each) => ({ ...each, amount: 1, share: Math.round(each.share) }));
        const left = turnsOf(rule, singly).filter(({ used }) => used > 0);
        for (const [nth, { at }] of left.entries()) {
          const later = left[nth + rule.max];
          if (later !== undefined) expect(later.at - at).toBeGreaterThanOrEqual(LENGTH_MS.minute);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("a queue that never empties leaves at the rate of the maximum, without drift", () => {
    const rule = ruleOf({ kind: "leaky", max: 90_001, maxWaitMs: 60_000 });
    let state: LeakyState | undefined;
    for (let nth = 0; nth < 90_001; nth += 1) state = leaky.take(state, rule, 1, NOON).state;
    expect(leaky.check(state, rule, 1, NOON)).toEqual({ verdict: "go", waitMs: 60_000 });
    state = leaky.take(state, rule, 1, NOON).state;
    expect(leaky.check(state, rule, 1, NOON)).toMatchObject({ verdict: "wait", retryAfterMs: 1 });
  });
});
