/**
 * Decides: how a cost is written to the rules that it falls under, and how it is replaced by what it came to.
 * Never: asks whether it fits.
 */
import { amountFor, type Cost, type LimitRule } from "../../domain/limit.ts";
import type { Draft, Hold } from "./book.ts";
import { COUNTERS } from "./counters.ts";
import { lengthOf } from "./period.ts";

/** Rules that count money or calendar windows: the ones whose end is worth a warning. */
const isBudget = ({ unit, kind, mode }: LimitRule): boolean =>
  mode === "on" && (unit === "usd" || kind === "calendar");

/** Of a limit of nothing all is used. */
export const shareOf = (amount: number, { max }: LimitRule): number =>
  max === 0 ? 1 : amount / max;

/** The stretch of time in which one warning is enough: a sliding window is a new one every moment. */
const periodOf = ({ id, kind, per }: LimitRule, window: string, now: number): string =>
  kind === "calendar" || per === undefined || per === "month"
    ? window
    : String(Math.floor(now / lengthOf({ id, per })));

/** A budget of which more than its soft share is used. */
export type Near = { readonly rule: LimitRule; readonly share: number; readonly isNew: boolean };

export type TakenOf = { readonly holds: readonly Hold[]; readonly near: readonly Near[] };

/** Takes `cost` of every rule; `model`: whose own rules they are. */
export const takeAll = (
  draft: Draft,
  rules: readonly LimitRule[],
  cost: Cost,
  model: string | undefined,
  now: number,
): TakenOf => {
  const holds: Hold[] = [];
  const near: Near[] = [];
  for (const rule of rules) {
    const entry = draft.rule(rule.id);
    const counter = COUNTERS[rule.kind];
    const amount = amountFor(rule, cost);
    // A rule that was never seen is remembered all the same: it is in force.
    if (amount === 0 && entry !== undefined) continue;
    const { state, window } = counter.take(entry?.state, rule, amount, now);
    let warned = entry?.warned;
    if (isBudget(rule)) {
      const { used, held } = counter.standing(state, rule, now);
      const share = shareOf(used + held, rule);
      const told = periodOf(rule, window, now);
      if (share >= rule.soft) {
        near.push({ rule, share, isNew: warned !== told });
        warned = told;
      }
    }
    // What another version of the Worker knows of it stays.
    draft.putRule(rule.id, { ...entry, rule, state, warned });
    if (amount > 0) holds.push({ rule: rule.id, window, amount, model });
  }
  return { holds, near };
};

/** Puts what a hold came to in its place, in its own window. */
export const settleHold = (draft: Draft, hold: Hold, actual: number, now: number): void => {
  const entry = draft.rule(hold.rule);
  if (entry === undefined) return;
  const counter = COUNTERS[entry.rule.kind];
  const state = counter.settle(entry.state, entry.rule, hold.window, hold.amount, actual, now);
  draft.putRule(hold.rule, { ...entry, state });
};
