/**
 * Decides: what a caller is told of a provider's fault.
 * Never: repeats a word of the provider's.
 */
import { noRetry, type Row, row } from "./row.ts";

export const UPSTREAM_ERRORS = {
  content_filtered: row(
    400,
    "invalid_request_error",
    "invalid_request_error",
    "upstream",
    false,
    "The provider's content filter refused this request. Change the content of the messages.",
  ),
  upstream_rate_limited: row(
    429,
    "rate_limit_error",
    "rate_limit_error",
    "upstream",
    true,
    "The provider limits the rate of requests and no other target is left. Wait for Retry-After and try again.",
  ),
  upstream_unreachable: row(
    502,
    "upstream_error",
    "api_error",
    "upstream",
    true,
    "The provider could not be reached. Try again.",
  ),
  upstream_error: row(
    502,
    "upstream_error",
    "api_error",
    "upstream",
    true,
    "The provider failed to answer. Try again.",
  ),
  upstream_invalid: row(
    502,
    "upstream_error",
    "api_error",
    "upstream",
    true,
    "The provider gave an answer that could not be understood. Try again; if it stays, check the model's upstream name and base URL.",
  ),
  upstream_auth_failed: noRetry(
    row(
      502,
      "upstream_error",
      "api_error",
      "upstream",
      false,
      "The provider refused the gateway's credential. The operator has to renew it.",
    ),
  ),
  upstream_quota: noRetry(
    row(
      502,
      "upstream_error",
      "api_error",
      "upstream",
      false,
      "The gateway's account at the provider is out of credit. The operator has to renew it.",
    ),
  ),
  no_healthy_upstream: row(
    503,
    "overloaded_error",
    "overloaded_error",
    "upstream",
    true,
    "Every target for this model is unhealthy at the moment. Try again after Retry-After.",
  ),
  upstream_timeout: row(
    504,
    "timeout_error",
    "timeout_error",
    "upstream",
    true,
    "The provider did not answer in time. Try again; `details.phase` says what was waited for.",
  ),
  stream_interrupted: row(
    502,
    "upstream_error",
    "api_error",
    "upstream",
    true,
    "The answer broke off before its end. What was received is incomplete; try again.",
  ),
} as const satisfies Record<string, Row>;
