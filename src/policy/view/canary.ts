/**
 * Decides: what is counted of a canary's two arms, how counts are put together, and what is told of them.
 * Never: says which arm is the better one.
 */
import { usd } from "../../base/money.ts";
import {
  type Latencies,
  latenciesOf,
  mergedLatencies,
  NO_LATENCIES,
  quantileOf,
} from "./canary-latency.ts";
import { total } from "./sums.ts";

/** What makes a canary this one: where one of the three changes, counting begins anew. */
export type CanaryDefinition = {
  readonly id: string;
  readonly baseline: string;
  readonly candidate: string;
};

/** One answered request of a canary. Callers who left before the end are none. */
export type CanaryOutcome = {
  readonly canary: CanaryDefinition;
  readonly arm: "baseline" | "candidate";
  /** False where the answer was a 5xx or its stream broke. */
  readonly ok: boolean;
  /** Whole milliseconds from the request's arrival to the answer's end. */
  readonly ms: number;
  /** Undefined where the price is unknown. */
  readonly costNanoUsd: number | undefined;
  /** Input and output together. */
  readonly tokens: number;
};

export type ArmTally = {
  readonly requests: number;
  readonly errors: number;
  readonly tokens: number;
  readonly costNanoUsd: number;
  /** Requests that used tokens at an unknown price. */
  readonly unpriced: number;
  /** Of answers without an error: a candidate that fails at once is not a fast one. */
  readonly latencies: Latencies;
};

/** Plain JSON: what comes back from storage goes on as if it had never been there. */
export type CanaryTally = { readonly baseline: ArmTally; readonly candidate: ArmTally };

const NO_ARM: ArmTally = {
  requests: 0,
  errors: 0,
  tokens: 0,
  costNanoUsd: 0,
  unpriced: 0,
  latencies: NO_LATENCIES,
};
export const NO_TALLY: CanaryTally = { baseline: NO_ARM, candidate: NO_ARM };

const armTallyOf = (outcomes: readonly CanaryOutcome[]): ArmTally => ({
  requests: outcomes.length,
  errors: outcomes.filter(({ ok }) => !ok).length,
  tokens: total(outcomes, ({ tokens }) => tokens),
  costNanoUsd: total(outcomes, ({ costNanoUsd }) => costNanoUsd ?? 0),
  unpriced: outcomes.filter((each) => each.costNanoUsd === undefined && each.tokens > 0).length,
  latencies: latenciesOf(outcomes.filter(({ ok }) => ok).map(({ ms }) => ms)),
});

/** `outcomes` are all of one canary. */
export const tallyOf = (outcomes: readonly CanaryOutcome[]): CanaryTally => ({
  baseline: armTallyOf(outcomes.filter(({ arm }) => arm === "baseline")),
  candidate: armTallyOf(outcomes.filter(({ arm }) => arm === "candidate")),
});

const mergedArms = (a: ArmTally, b: ArmTally): ArmTally => ({
  requests: a.requests + b.requests,
  errors: a.errors + b.errors,
  tokens: a.tokens + b.tokens,
  costNanoUsd: a.costNanoUsd + b.costNanoUsd,
  unpriced: a.unpriced + b.unpriced,
  latencies: mergedLatencies(a.latencies, b.latencies),
});

export const merged = (a: CanaryTally, b: CanaryTally): CanaryTally => ({
  baseline: mergedArms(a.baseline, b.baseline),
  candidate: mergedArms(a.candidate, b.candidate),
});

/** As in the contract. Latencies are of answers without an error, within 1 % and half a millisecond. */
export type ArmReport = {
  readonly requests: number;
  readonly errors: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** Null where a part of it is unknown: a candidate without a price is not a free one. */
  readonly cost_usd: number | null;
  readonly tokens: number;
};
export type CanaryReport = { readonly baseline: ArmReport; readonly candidate: ArmReport };

const armReportOf = (tally: ArmTally): ArmReport => ({
  requests: tally.requests,
  errors: tally.errors,
  p50_ms: quantileOf(tally.latencies, 0.5),
  p99_ms: quantileOf(tally.latencies, 0.99),
  cost_usd: tally.unpriced > 0 ? null : usd(tally.costNanoUsd),
  tokens: tally.tokens,
});

export const reportOf = ({ baseline, candidate }: CanaryTally): CanaryReport => ({
  baseline: armReportOf(baseline),
  candidate: armReportOf(candidate),
});
