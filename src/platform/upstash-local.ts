/**
 * Decides: how rules are counted in this isolate alone while Redis does not answer and the policy wants to
 * stay open: each with a tenth of its maximum (bars.md P19), because many isolates count at once.
 * Never: is a reason to refuse for good: what is too large for the tenth may come when Redis is back.
 */
import type { LimitRule } from "../domain/limit.ts";
import type { Check, Counter } from "../policy/limits/counter.ts";

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

/** `counter`: the way that these rules count; sliding in production. */
export const createLocalLimits = <S>(counter: Counter<S>): LocalLimits => {
  const states = new Map<string, S>();
  const keep = (key: string, state: S): void => {
    states.delete(key);
    states.set(key, state);
    const [oldest] = states.keys();
    if (states.size > MOST_KEYS && oldest !== undefined) states.delete(oldest);
  };
  return {
    take: (claims, now) => {
      for (const claim of claims) {
        const check = counter.check(states.get(claim.key), tenthOf(claim.rule), claim.amount, now);
        if (check.verdict !== "go") return { ok: false, claim, check };
      }
      const holds = claims.map((claim) => {
        const { key, rule, amount } = claim;
        const { state, window } = counter.take(states.get(key), tenthOf(rule), amount, now);
        keep(key, state);
        return { ...claim, window };
      });
      return { ok: true, holds };
    },
    settle: ({ key, rule, window, amount }, actual, now) => {
      const state = states.get(key);
      if (state === undefined) return;
      keep(key, counter.settle(state, tenthOf(rule), window, amount, actual, now));
    },
  };
};
