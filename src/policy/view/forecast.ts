/**
 * Decides: what a month will have cost at its end, if spending goes on as it did in a window.
 * Never: knows weekends or trends: a straight line that anybody can check.
 */

/** Midnight in UTC of the month's first day, and of the next one's. Milliseconds since the epoch. */
export const monthOf = (now: number): { readonly start: number; readonly end: number } => {
  const date = new Date(now);
  const month = (more: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + more, 1);
  return { start: month(0), end: month(1) };
};

export type Spending = {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly from: number;
  readonly to: number;
  /** Nano-USD: spent in the window, and since the month began. */
  readonly inWindow: number;
  readonly inMonth: number;
};

/** Nano-USD: what is spent, and the window's rate for what is left of the month. */
export const forecastMonth = ({ now, from, to, inWindow, inMonth }: Spending): number => {
  const passed = Math.min(to, now) - from;
  const rate = passed > 0 ? inWindow / passed : 0;
  return inMonth + Math.round(rate * (monthOf(now).end - now));
};
