/**
 * Decides: whether a target may be given more work than the callers brought: repeats, hedges, and the
 * fallbacks of other targets (machines.md 8).
 * Never: stops a first try.
 */

const FULL = 100;
/** At or below it nothing is repeated, but for a few at a time. */
const ENOUGH = 50;
const FAILURE = 5;
/** A call that was waited for in vain has cost its caller the most. */
const TIMEOUT = 10;
const SUCCESS = 0.5;
/** So many may be under way whatever the tokens say, while the breaker is closed. */
const FLOOR = 3;

export type RetryBudget = { readonly tokens: number };

export type BudgetEvent = {
  readonly kind: "ok" | "fail" | "timeout";
  readonly count: number;
};

export const newRetryBudget: RetryBudget = { tokens: FULL };

const CHANGE = { ok: SUCCESS, fail: -FAILURE, timeout: -TIMEOUT } as const;

export const retryBudgetStep = ({ tokens }: RetryBudget, event: BudgetEvent): RetryBudget => ({
  tokens: Math.min(FULL, Math.max(0, tokens + CHANGE[event.kind] * event.count)),
});

/** `underWay`: repeats and fallbacks at this target that have not ended. */
export const mayRepeat = (
  { tokens }: RetryBudget,
  breakerClosed: boolean,
  underWay: number,
): boolean => tokens > ENOUGH || (breakerClosed && underWay < FLOOR);
