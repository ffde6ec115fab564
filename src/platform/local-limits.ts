/**
 * Decides: how rules are counted in this isolate alone while whoever counts them does not answer and the policy
 * wants to stay open: each with a tenth of its maximum (bars.md P19), because many isolates count at once.
 * Never: is a reason to refuse for good: what is too large for the tenth may come when he is back.
 */
import { remember } from "../base/remember.ts";
import type { LimitRule } from "../domain/limit.ts";
import type { Check } from "../policy/limits/counter.ts";
import { COUNTERS } from "../policy/limits/counters.ts";

export type LocalClaim = {
  readonly key: string;
  readonly rule: LimitRule;
  readonly amount: number;
};

export type LocalHold = LocalClaim & { readonly window: string };

export type LocalLimits = {
  /** All are taken, or none and the one that refuses. `now` in milliseconds since the epoch. */
  take(
    claims: readonly LocalClaim[],
    now: number,
  ):
    | { readonly ok: true; readonly holds: readonly LocalHold[] }
    | { readonly ok: false; readonly claim: LocalClaim; readonly check: Check };
  settle(hold: LocalHold, actual: number, now: number): void;
};

const SHARE = 10;
/** A few hundred bytes each; an isolate has 128 MB. */
const MOST_KEYS = 5_000;

const tenthOf = (rule: LimitRule): LimitRule => {
  const max = Math.ceil(rule.max / SHARE);
  return { ...rule, max, burst: Math.min(rule.burst, max) };
};

export const createLocalLimits = (): LocalLimits => {
  const states = new Map<string, unknown>();
  return {
    take: (claims, now) => {
      for (const claim of claims) {
        const { key, rule, amount } = claim;
        const check = COUNTERS[rule.kind].check(states.get(key), tenthOf(rule), amount, now);
        if (check.verdict !== "go") return { ok: false, claim, check };
      }
      const holds = claims.map((claim) => {
        const { key, rule, amount } = claim;
        const counter = COUNTERS[rule.kind];
        const { state, window } = counter.take(states.get(key), tenthOf(rule), amount, now);
        remember(states, key, state, MOST_KEYS);
        return { ...claim, window };
      });
      return { ok: true, holds };
    },
    settle: ({ key, rule, window, amount }, actual, now) => {
      const state = states.get(key);
      if (state === undefined) return;
      const counter = COUNTERS[rule.kind];
      const settled = counter.settle(state, tenthOf(rule), window, amount, actual, now);
      remember(states, key, settled, MOST_KEYS);
    },
  };
};
