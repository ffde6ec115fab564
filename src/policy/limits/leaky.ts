/**
 * Decides: whose turn it is when – each request leaves `amount` × period/max after the one before it.
 * Never: lets two turns come closer than that. Who was given a turn keeps it, so that what a request gives back
 * is of use only while nobody stands behind it.
 */
import type { LimitRule } from "../../domain/limit.ts";
import type { Counter } from "./counter.ts";
import { drained, EMPTY, filled, type Level, msToEmpty, type Rate, raised } from "./level.ts";
import { lengthOf } from "./period.ts";

/** `at`: when the level was as it says, epoch ms. `turns`: how many were given; names the last of them. */
export type LeakyState = Level & { readonly at: number; readonly turns: number };

const rateOf = (rule: LimitRule): Rate => ({ max: rule.max, periodMs: lengthOf(rule) });

const levelAt = (state: LeakyState | undefined, rate: Rate, now: number): Level =>
  state === undefined ? EMPTY : drained(state, rate, now - state.at);

/** A clock that runs backwards stands still. */
const changed = (
  state: LeakyState | undefined,
  rule: LimitRule,
  by: number,
  turns: number,
  now: number,
): LeakyState => ({
  ...raised(levelAt(state, rateOf(rule), now), by),
  at: Math.max(now, state?.at ?? now),
  turns,
});

/** Milliseconds until the queue is empty. */
const queueMs = (state: LeakyState | undefined, rate: Rate, now: number): number =>
  msToEmpty(levelAt(state, rate, now), rate);

export const leaky: Counter<LeakyState> = {
  check(state, rule, amount, now) {
    if (amount === 0) return { verdict: "go", waitMs: 0 };
    if (amount > rule.max) return { verdict: "never" };
    const waitMs = queueMs(state, rateOf(rule), now);
    if (waitMs <= rule.maxWaitMs) return { verdict: "go", waitMs };
    // A turn that was given does not come back: no hold is ever all that is in the way.
    return { verdict: "wait", retryAfterMs: waitMs - rule.maxWaitMs, held: false };
  },

  take(state, rule, amount, now) {
    const turns = (state?.turns ?? 0) + (amount === 0 ? 0 : 1);
    const window = amount === 0 ? "none" : `${turns}`;
    return { state: changed(state, rule, amount, turns, now), window };
  },

  settle(state, rule, window, held, actual, now) {
    const turns = state?.turns ?? 0;
    const by = actual - held;
    const stands = by < 0 && window !== `${turns}`;
    return changed(state, rule, stands ? 0 : by, turns, now);
  },

  standing(state, rule, now) {
    const rate = rateOf(rule);
    const used = filled(levelAt(state, rate, now));
    const resetsAt = used === 0 || rule.max === 0 ? now : now + queueMs(state, rate, now);
    return { used, held: 0, remaining: Math.max(0, rule.max - used), resetsAt };
  },
};
