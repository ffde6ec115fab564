/**
 * Decides: what a caller is told who has reached a limit of his organisation.
 * Never: is used for a provider's limits.
 */
import { limit, noRetry, type Row, row } from "./row.ts";

export const LIMIT_ERRORS = {
  budget_exceeded: noRetry(
    row(
      402,
      "insufficient_quota",
      "billing_error",
      "limit",
      false,
      "A spending limit is used up. See `details` for which one and when it resets, or have it raised.",
    ),
  ),
  rate_limit_requests: limit("Too many requests. Wait for Retry-After and try again."),
  rate_limit_tokens: limit("Too many tokens. Wait for Retry-After and try again."),
  rate_limit_concurrency: limit(
    "Too many requests at once. Wait for one to end, or for Retry-After, and try again.",
  ),
  budget_held: limit(
    "Requests in flight hold what is left of a budget. Wait for Retry-After and try again.",
  ),
} as const satisfies Record<string, Row>;
