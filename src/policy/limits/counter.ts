/**
 * Decides: what every way of counting can be asked. One behaviour suite runs over all of them.
 * Never: reads a clock; `now` is milliseconds since the epoch and never runs backwards.
 *
 * Amounts are whole numbers in the rule's unit. A state is plain JSON; undefined is one that was never
 * touched. Every function is pure, and a maximum that was changed holds from the next question on.
 */
import type { LimitRule } from "../../domain/limit.ts";

export type Check =
  /** `waitMs`: leaky alone; how long the request has to wait for its turn once it is taken. */
  | { readonly verdict: "go"; readonly waitMs: number }
  /** Waiting exactly `retryAfterMs` is enough for a lone caller. `held`: nothing but holds is in the way. */
  | { readonly verdict: "wait"; readonly retryAfterMs: number; readonly held: boolean }
  /** More than could ever be free at once. */
  | { readonly verdict: "never" };

/** How much is used and held now, what is left, and when (epoch ms) nothing is used any more. */
export type Standing = {
  readonly used: number;
  readonly held: number;
  readonly remaining: number;
  readonly resetsAt: number;
};

/** What was taken, and where it has to be given back: the window's name. */
export type Taken<S> = { readonly state: S; readonly window: string };

export type Counter<S> = {
  check(state: S | undefined, rule: LimitRule, amount: number, now: number): Check;
  /** Holds `amount`, whether or not it fits. */
  take(state: S | undefined, rule: LimitRule, amount: number, now: number): Taken<S>;
  /**
   * Puts `actual` in the place of what was `held`, in the window it was taken from, whether or not it
   * fits. A window that is over changes nothing that still counts.
   */
  settle(
    state: S | undefined,
    rule: LimitRule,
    window: string,
    held: number,
    actual: number,
    now: number,
  ): S;
  standing(state: S | undefined, rule: LimitRule, now: number): Standing;
};
