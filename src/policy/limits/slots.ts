/**
 * Decides: how many may run at once.
 * Never: knows who runs; leases and their ends are the account's (machines.md section 4).
 */
import type { Counter } from "./counter.ts";

/** How many are taken. A slot that is free again is settled with nothing. */
export type SlotsState = number;

/** Milliseconds. Nobody knows when a request ends; a second is the least that Retry-After can say. */
const SOON_MS = 1_000;

/** A slot belongs to no stretch of time. */
const WINDOW = "slots";

export const slots: Counter<SlotsState> = {
  check(state = 0, rule, amount) {
    if (amount === 0) return { verdict: "go", waitMs: 0 };
    if (amount > rule.max) return { verdict: "never" };
    if (state + amount <= rule.max) return { verdict: "go", waitMs: 0 };
    return { verdict: "wait", retryAfterMs: SOON_MS, held: true };
  },

  take: (state = 0, _rule, amount) => ({ state: state + amount, window: WINDOW }),

  settle: (state = 0, _rule, _window, held, actual) => Math.max(0, state + actual - held),

  standing: (state = 0, rule, now) => ({
    used: 0,
    held: state,
    remaining: Math.max(0, rule.max - state),
    resetsAt: state === 0 ? now : now + SOON_MS,
  }),
};
