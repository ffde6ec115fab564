/**
 * Decides: what the object of a target and every isolate that calls it work out alike: breaker, retry
 * budget and keys, moved on by the same results.
 * Never: reads a clock or stores anything.
 */
import type { Random } from "../../base/clock.ts";
import type { BreakerRules } from "../../domain/target.ts";
import { breakerStep } from "../../policy/resilience/breaker.ts";
import {
  type BreakerState,
  type CallResult,
  newBreaker,
} from "../../policy/resilience/breaker-state.ts";
import {
  type CredentialEvent,
  type CredentialState,
  credentialStep,
  newCredential,
} from "../../policy/resilience/credential-breaker.ts";
import {
  newRetryBudget,
  type RetryBudget,
  retryBudgetStep,
} from "../../policy/resilience/retry-budget.ts";

export type TargetState = {
  readonly breaker: BreakerState;
  readonly budget: RetryBudget;
  /** By the name of the secret; absent: never refused. */
  readonly credentials: Readonly<Record<string, CredentialState>>;
};

/** Something that happened at a target: calls that ended, or what became of a key. */
export type News =
  | { readonly about: "calls"; readonly result: CallResult }
  | {
      readonly about: "credential";
      readonly name: string;
      readonly event: CredentialEvent["type"];
    };

export const newTarget: TargetState = {
  breaker: newBreaker,
  budget: newRetryBudget,
  credentials: {},
};

export const credentialOf = ({ credentials }: TargetState, name: string): CredentialState =>
  (Object.hasOwn(credentials, name) ? credentials[name] : undefined) ?? newCredential;

export const withCredential = (
  state: TargetState,
  name: string,
  credential: CredentialState,
): TargetState => ({ ...state, credentials: { ...state.credentials, [name]: credential } });

/** What moves the machines: the time, chance and the rules of the moment. */
export type Circumstances = {
  readonly now: number;
  readonly random: Random;
  readonly rules: BreakerRules;
};

export const withNews = (
  before: TargetState,
  news: readonly News[],
  { now, random, rules }: Circumstances,
): TargetState => {
  let state = before;
  for (const one of news) {
    if (one.about === "credential") {
      const { name } = one;
      const step = credentialStep(credentialOf(state, name), { type: one.event }, now, random);
      state = withCredential(state, name, step.state);
      continue;
    }
    const { result } = one;
    const { state: breaker } = breakerStep(
      state.breaker,
      { type: "result", result },
      now,
      random,
      rules,
    );
    const { kind, count } = result;
    const counts = kind === "ok" || kind === "fail" || kind === "timeout";
    const budget = counts ? retryBudgetStep(state.budget, { kind, count }) : state.budget;
    // Whoever has recovered begins anew, with its budget as with its window.
    const recovered = breaker.recoveredAt !== null && state.breaker.recoveredAt === null;
    state = { ...state, breaker, budget: recovered ? newRetryBudget : budget };
  }
  return state;
};

/** What must not be forgotten when an object is put away: everything but counts and averages. */
export const memorableOf = ({ breaker, credentials }: TargetState): string =>
  JSON.stringify([breaker.phase, breaker.level, breaker.epoch, credentials]);
