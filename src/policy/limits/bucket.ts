/**
 * Decides: GCRA (machines.md section 1) – `burst` at once, after that `max` a period, evenly.
 * Never: gives credit above the burst, and never forgives a debt but with time.
 */
import type { LimitRule } from "../../domain/limit.ts";
import type { Counter } from "./counter.ts";
import { drained, EMPTY, filled, type Level, msToEmpty, type Rate, raised } from "./level.ts";
import { lengthOf } from "./period.ts";

/** `at`: when the level was as it says, epoch ms. `held`: what has been taken and not settled. */
export type BucketState = Level & { readonly at: number; readonly held: number };

const rateOf = (rule: LimitRule): Rate => ({ max: rule.max, periodMs: lengthOf(rule) });

/** What has leaked since it was last touched has leaked at today's rate: nobody knows when it was changed. */
const levelAt = (state: BucketState | undefined, rate: Rate, now: number): Level =>
  state === undefined ? EMPTY : drained(state, rate, now - state.at);

/** The state with `by` more used and `held` more held; a clock that runs backwards stands still. */
const changed = (
  state: BucketState | undefined,
  rule: LimitRule,
  by: number,
  held: number,
  now: number,
): BucketState => ({
  ...raised(levelAt(state, rateOf(rule), now), by),
  at: Math.max(now, state?.at ?? now),
  held: Math.max(0, (state?.held ?? 0) + held),
});

/** The period in which it was taken. A bucket gives back at once, whenever that was; the name only stands in the hold. */
const windowOf = (rule: LimitRule, now: number): string => `${Math.floor(now / lengthOf(rule))}`;

export const bucket: Counter<BucketState> = {
  check(state, rule, amount, now) {
    if (amount === 0) return { verdict: "go", waitMs: 0 };
    if (amount > rule.burst || rule.max === 0) return { verdict: "never" };
    const rate = rateOf(rule);
    const level = levelAt(state, rate, now);
    const free = rule.burst - amount;
    if (filled(level) <= free) return { verdict: "go", waitMs: 0 };
    const retryAfterMs = msToEmpty({ whole: level.whole - free, part: level.part }, rate);
    return { verdict: "wait", retryAfterMs, held: filled(level) - (state?.held ?? 0) <= free };
  },

  take: (state, rule, amount, now) => ({
    state: changed(state, rule, amount, amount, now),
    window: windowOf(rule, now),
  }),

  settle: (state, rule, _window, held, actual, now) =>
    changed(state, rule, actual - held, -held, now),

  standing(state, rule, now) {
    const rate = rateOf(rule);
    const level = levelAt(state, rate, now);
    const all = filled(level);
    const held = Math.min(state?.held ?? 0, all);
    const resetsAt = all === 0 || rule.max === 0 ? now : now + msToEmpty(level, rate);
    return { used: all - held, held, remaining: Math.max(0, rule.burst - all), resetsAt };
  },
};
