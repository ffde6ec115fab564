/**
 * Decides: how sums of what happened become rates, and which of them keep the service's own promises.
 * Never: decides the promises (domain/config/defaults.ts).
 */
import { usd } from "../../base/money.ts";
import { SLO } from "../../domain/config/defaults.ts";
import { type Latencies, quantileOf } from "./canary-latency.ts";
import { shareOf, total } from "./sums.ts";

/** Requests that went to one provider, what came out of a cache left out. `cost` in nano-USD. */
export type ProviderSums = {
  readonly provider: string;
  readonly requests: number;
  /** Ended with 5xx, and streams that broke after their 200. */
  readonly failures: number;
  readonly tokens: number;
  readonly cost: number;
  /** How many have a latency, and the milliseconds of all of them. */
  readonly timed: number;
  readonly latency: number;
};

export type MetricSums = {
  readonly requests: number;
  readonly cached: number;
  readonly failed: number;
  readonly fallback: number;
  readonly cost: number;
  readonly timed: number;
  readonly latency: number;
  readonly providers: readonly ProviderSums[];
  readonly denials: readonly Denials[];
  /** The gateway's own part of each request. */
  readonly waits: Latencies;
};

export type Denials = {
  readonly status: number;
  readonly code: string;
  readonly rule: string;
  readonly requests: number;
};

const meanOf = ({ timed, latency }: { timed: number; latency: number }): number | null =>
  timed === 0 ? null : Math.round(latency / timed);

const successRate = (failures: number, requests: number): number | null =>
  requests === 0 ? null : 1 - failures / requests;

/** Where nothing is known no promise is broken. */
const atMost = (value: number | null, target: number) => ({
  ...{ value, target },
  ok: value === null || value <= target,
});
const atLeast = (value: number | null, target: number) => ({
  ...{ value, target },
  ok: value === null || value >= target,
});

/** As in the contract; `denials` says beside it what was refused, by code and rule. */
export const metricsReport = (sums: MetricSums) => {
  const { requests, cached, providers, denials, waits } = sums;
  const denied = total(denials, (each) => each.requests);
  const called = total(providers, (each) => each.requests);
  const rate = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  const known = Object.keys(waits).length > 0;
  return {
    total_requests: requests,
    cached_requests: cached,
    failed_requests: sums.failed,
    denied_requests: denied,
    cache_hit_rate: shareOf(cached, requests),
    avg_latency_ms: meanOf(sums),
    total_cost: usd(sums.cost),
    providers: Object.fromEntries(
      providers.map((each) => [
        each.provider,
        {
          requests: each.requests,
          failures: each.failures,
          success_rate: successRate(each.failures, each.requests),
          avg_latency_ms: meanOf(each),
          total_tokens: each.tokens,
          total_cost: usd(each.cost),
        },
      ]),
    ),
    slo: {
      gateway_p99_ms: atMost(known ? quantileOf(waits, 0.99) : null, SLO.gateway_p99_ms),
      cache_hit_rate: atLeast(rate(cached, requests), SLO.cache_hit_rate),
      fallback_rate: atMost(rate(sums.fallback, requests - cached), SLO.fallback_rate),
      rejection_rate: atMost(rate(denied, requests + denied), SLO.rejection_rate),
      model_success_rate: atLeast(
        successRate(
          total(providers, (each) => each.failures),
          called,
        ),
        SLO.model_success_rate,
      ),
    },
    denials,
  };
};
