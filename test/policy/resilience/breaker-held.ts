/**
 * Decides: nothing: a breaker in a test's hand. Chance always draws the middle, so that a cooldown is its
 * plain length.
 */
import { BREAKER } from "../../../src/domain/config/defaults.ts";
import type { BreakerRules } from "../../../src/domain/target.ts";
import { type BreakerEvent, breakerStep } from "../../../src/policy/resilience/breaker.ts";
import { untilOf } from "../../../src/policy/resilience/breaker-health.ts";
import {
  type BreakerState,
  type CallResult,
  type Lease,
  newBreaker,
  resultOfOne,
} from "../../../src/policy/resilience/breaker-state.ts";

export const START = 1_700_000_000_000;
export const LEASE_MS = 17_000;

export const held = (rules: Partial<BreakerRules> = {}) => {
  let state: BreakerState = newBreaker;
  let now = START;
  const send = (event: BreakerEvent): Lease | undefined => {
    const step = breakerStep(state, event, now, () => 0.5, { ...BREAKER, ...rules });
    state = step.state;
    return step.output;
  };
  const results = (kind: CallResult["kind"], more: Partial<CallResult> = {}) =>
    send({ type: "result", result: resultOfOne(kind, more) });
  return {
    send,
    results,
    pass: (ms: number) => {
      now += ms;
      send({ type: "look" });
    },
    probe: () => send({ type: "probe", leaseMs: LEASE_MS }),
    answer: (lease: Lease | undefined, kind: CallResult["kind"], more: Partial<CallResult> = {}) =>
      results(kind, { epoch: lease?.epoch ?? -1, probe: true, ...more }),
    name: () => state.phase.name,
    wait: () => (untilOf(state) ?? Number.NaN) - now,
    state: () => state,
    now: () => now,
  };
};

export const opened = () => {
  const breaker = held();
  breaker.results("fail", { count: 5 });
  return breaker;
};
export const probing = () => {
  const breaker = opened();
  breaker.pass(15_000);
  return breaker;
};
