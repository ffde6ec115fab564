/**
 * Decides: what a caller is told of a fault of the gateway's own.
 * Never: says what broke inside.
 */
import { noRetry, type Row, row } from "./row.ts";

export const GATEWAY_ERRORS = {
  internal_error: row(
    500,
    "api_error",
    "api_error",
    "gateway",
    true,
    "Something went wrong in the gateway. Try again; if it stays, report the request_id.",
  ),
  limiter_unavailable: row(
    503,
    "overloaded_error",
    "overloaded_error",
    "gateway",
    true,
    "Limits cannot be checked at the moment, so nothing is admitted. Try again after Retry-After.",
  ),
  guard_unavailable: row(
    503,
    "overloaded_error",
    "overloaded_error",
    "gateway",
    true,
    "A guard cannot run at the moment, so nothing is admitted. Try again after Retry-After.",
  ),
  shedding: row(
    503,
    "overloaded_error",
    "overloaded_error",
    "gateway",
    true,
    "The gateway is overloaded. Try again after Retry-After.",
  ),
  misconfigured: row(
    503,
    "overloaded_error",
    "overloaded_error",
    "gateway",
    false,
    "The gateway lacks a setting. The operator has to set what `param` names.",
  ),
  cache_miss: noRetry(
    row(
      504,
      "timeout_error",
      "timeout_error",
      "gateway",
      false,
      "The answer is not in the cache and the request forbids asking the provider.",
    ),
  ),
} as const satisfies Record<string, Row>;
