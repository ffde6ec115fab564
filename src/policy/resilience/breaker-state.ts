/**
 * Decides: what is remembered of a target, and how that reads at a moment.
 * Never: changes it; that is breaker.ts. Plain JSON throughout, so that nothing is lost in storage.
 */

import { EMPTY_WINDOW, type Window } from "./window.ts";
import { type Average, NO_AVERAGE, NO_SAMPLES, type Samples } from "./window-average.ts";

/** Milliseconds since the epoch throughout. */
export type Lease = { readonly epoch: number; readonly expires: number };

export type Phase =
  | { readonly name: "closed" }
  /** The provider named a time: nobody is at fault. */
  | { readonly name: "throttled"; readonly until: number }
  | { readonly name: "open"; readonly until: number }
  | {
      readonly name: "half_open";
      readonly successes: number;
      /** Leases that ran out without a result. */
      readonly lost: number;
      readonly lease: Lease | null;
      /** No new lease before. */
      readonly notBefore: number;
    }
  /** Forced by an operator; only the operator ends it. */
  | { readonly name: "isolated" }
  | { readonly name: "forced_closed" };

export type BreakerState = {
  /** The latest `now` seen: time never runs backwards here. */
  readonly at: number;
  readonly phase: Phase;
  readonly window: Window;
  /** Failures in a row. */
  readonly run: number;
  /** Openings that have not worn off: the exponent of the cooldown. */
  readonly level: number;
  /** Since when the level wears off. */
  readonly wornAt: number;
  /** When it last closed by itself: the beginning of the ramp. */
  readonly recoveredAt: number | null;
  /** Of the last lease. Results of an earlier one are stale. */
  readonly epoch: number;
  readonly firstToken: Average;
  readonly total: Average;
  /** Of the last result. */
  readonly seenAt: number | null;
};

/** What one call, or several of a kind one after the other, came to. */
export type CallResult = {
  /** `throttle`: the provider asked for patience. `ignore`: it says nothing about the target. */
  readonly kind: "ok" | "fail" | "timeout" | "throttle" | "ignore";
  readonly count: number;
  /** How many of them were slow to begin (`isSlow`). */
  readonly slow: number;
  readonly firstToken: Samples;
  readonly total: Samples;
  /** Milliseconds since the epoch, as the provider said. */
  readonly until: number | null;
  /** The lease's epoch for a probe; else that of the breaker when the call began, null if unknown. */
  readonly epoch: number | null;
  readonly probe: boolean;
};

export const newBreaker: BreakerState = {
  at: 0,
  phase: { name: "closed" },
  window: EMPTY_WINDOW,
  run: 0,
  level: 0,
  wornAt: 0,
  recoveredAt: null,
  epoch: 0,
  firstToken: NO_AVERAGE,
  total: NO_AVERAGE,
  seenAt: null,
};

/** What one call came to; what is not said is not known. */
export const resultOfOne = (
  kind: CallResult["kind"],
  known: Partial<CallResult> = {},
): CallResult => ({
  ...{ kind, count: 1, slow: 0, firstToken: NO_SAMPLES, total: NO_SAMPLES },
  ...{ until: null, epoch: null, probe: false, ...known },
});
