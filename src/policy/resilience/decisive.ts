/**
 * Decides: what the caller hears when every target failed, each in its own way.
 * Never: asks which of them was tried last.
 */
import { type ErrorCode, type Failure, failure } from "../../domain/error.ts";
import type { Verdict } from "./classify.ts";

/** From what a repeat helps soonest to what it never helps. */
const MOST_RETRYABLE_FIRST: readonly ErrorCode[] = [
  "upstream_error",
  "upstream_unreachable",
  "no_healthy_upstream",
  "upstream_timeout",
  "upstream_rate_limited",
  "upstream_invalid",
  "upstream_auth_failed",
  "upstream_quota",
  "misconfigured",
  "context_length_exceeded",
  "request_too_large",
];

const rank = (fail: Failure): number => {
  const at = MOST_RETRYABLE_FIRST.indexOf(fail.code);
  return at === -1 ? MOST_RETRYABLE_FIRST.length : at;
};

/**
 * The failure that decides the answer: the most retryable one, the first among equals. 429 only when
 * every target limited the rate; otherwise it is said as 503, which asks for the same patience
 * without accusing the caller. Retry-After is the soonest that any target named. No verdict at all
 * means that no target could be asked.
 */
export const decisive = (verdicts: readonly Verdict[]): Failure => {
  const failures = verdicts.map((verdict) => verdict.failure);
  const [best] = [...failures].sort((a, b) => rank(a) - rank(b));
  if (best === undefined) return failure("no_healthy_upstream");
  if (best.retryAfterMs === undefined) return best;
  const retryAfterMs = Math.min(...failures.flatMap((fail) => fail.retryAfterMs ?? []));
  const limitedEverywhere = failures.every((fail) => fail.code === best.code);
  return best.code === "upstream_rate_limited" && !limitedEverywhere
    ? failure("no_healthy_upstream", { retryAfterMs })
    : { ...best, retryAfterMs };
};
