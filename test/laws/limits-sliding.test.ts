import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type SlidingState, sliding } from "../../src/policy/limits/sliding.ts";
import { LENGTH_MS, NOON, ruleOf } from "../policy/limits/rule.ts";

const MAX = 100;
const SUB_WINDOWS = 60;

/** What happened, to the millisecond. */
type Event = { readonly at: number; readonly window: string; held: number; spent: number };

const sumAfter = (log: readonly Event[], after: number): number =>
  log.reduce((sum, { at, held, spent }) => (at > after ? sum + held + spent : sum), 0);

const step = fc.record({
  pause: fc.oneof(
    fc.constant(0),
    fc.nat({ max: 40 }),
    fc.nat({ max: 3_000 }),
    fc.nat({ max: 70_000 }),
  ),
  amount: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: MAX })),
  settles: fc.option(fc.nat({ max: 4 })),
  actual: fc.nat({ max: 60 }),
});

describe("laws of the sliding window", () => {
  it("admits what an exact log of every event admits, but for one sub-window; never more", () => {
    let admitted = 0;
    let refused = 0;
    fc.assert(
      fc.property(
        fc.constantFrom("minute", "hour", "day"),
        fc.array(step, { minLength: 1, maxLength: 120 }),
        (per, steps) => {
          const rule = ruleOf({ kind: "sliding", unit: "tokens", per, max: MAX });
          const length = LENGTH_MS[per];
          const scale = length / LENGTH_MS.minute;
          const log: Event[] = [];
          const open: Event[] = [];
          let state: SlidingState | undefined;
          let now = NOON;
          for (const { pause, amount, settles, actual } of steps) {
            now += pause * scale;
            const event = settles === null ? undefined : open.splice(settles, 1)[0];
            if (event !== undefined) {
              state = sliding.settle(state, rule, event.window, event.held, actual, now);
              event.held = 0;
              event.spent = actual;
            }
            const check = sliding.check(state, rule, amount, now);
            if (check.verdict === "go") {
              admitted += 1;
              expect(sumAfter(log, now - length) + amount).toBeLessThanOrEqual(MAX);
              const taken = sliding.take(state, rule, amount, now);
              state = taken.state;
              const made = { at: now, window: taken.window, held: amount, spent: 0 };
              log.push(made);
              open.push(made);
            } else {
              refused += 1;
              expect(sumAfter(log, now - length - length / SUB_WINDOWS) + amount).toBeGreaterThan(
                MAX,
              );
            }
            expect(state?.subWindows.length ?? 0).toBeLessThanOrEqual(SUB_WINDOWS + 1);
          }
        },
      ),
      { numRuns: 2_000 },
    );
    expect(admitted).toBeGreaterThan(3_000);
    expect(refused).toBeGreaterThan(3_000);
  });

  it("keeps its sums, and its sub-windows in order", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), (steps) => {
        const rule = ruleOf({ kind: "sliding", unit: "tokens", max: MAX });
        const open: { window: string; amount: number }[] = [];
        let state: SlidingState | undefined;
        let now = NOON;
        for (const { pause, amount, settles, actual } of steps) {
          now += pause;
          const taken = sliding.take(state, rule, amount, now);
          state = taken.state;
          open.push({ window: taken.window, amount });
          const event = settles === null ? undefined : open.splice(settles, 1)[0];
          if (event !== undefined) {
            state = sliding.settle(state, rule, event.window, event.amount, actual, now);
          }
          const { subWindows, spent, held } = state;
          const sum = (of: 2 | 3) => subWindows.reduce((all, each) => all + each[of], 0);
          expect([spent, held]).toEqual([sum(2), sum(3)]);
          for (const at of [0, 1] as const) {
            const values = subWindows.map((each) => each[at]);
            expect(values).toEqual(values.toSorted((a, b) => a - b));
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
