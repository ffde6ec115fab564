/**
 * Decides: every failure a caller can be told of, as one closed list: status, type, sentence, and
 * whether trying again helps.
 * Never: carries upstream text, a key, a table or a host name; `message` is always from this table.
 */
export type Source = "caller" | "limit" | "upstream" | "gateway";

export type ErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "insufficient_quota"
  | "permission_error"
  | "timeout_error"
  | "conflict_error"
  | "rate_limit_error"
  | "api_error"
  | "upstream_error"
  | "overloaded_error";

export type AnthropicErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "billing_error"
  | "permission_error"
  | "not_found_error"
  | "request_too_large"
  | "rate_limit_error"
  | "timeout_error"
  | "api_error"
  | "overloaded_error";

type Row = {
  readonly status: number;
  readonly type: ErrorType;
  readonly anthropic: AnthropicErrorType;
  readonly source: Source;
  readonly retryable: boolean;
  /** Whether the SDKs must be told not to try again although the status says they may. */
  readonly noRetry?: true;
  readonly message: string;
};

const caller = (
  status: number,
  message: string,
  type: ErrorType = "invalid_request_error",
  anthropic: AnthropicErrorType = "invalid_request_error",
): Row => ({ status, type, anthropic, source: "caller", retryable: false, message });

const limit = (message: string): Row => ({
  status: 429,
  type: "rate_limit_error",
  anthropic: "rate_limit_error",
  source: "limit",
  retryable: true,
  message,
});

const row = (
  status: number,
  type: ErrorType,
  anthropic: AnthropicErrorType,
  source: Source,
  retryable: boolean,
  message: string,
): Row => ({ status, type, anthropic, source, retryable, message });

const noRetry = (plain: Row): Row => ({ ...plain, noRetry: true });

/** The error contract. Sentences say what to do next. */
export const ERRORS = {
  invalid_json: caller(
    400,
    "The request body is not valid JSON. Send one JSON object in UTF-8, with no key given twice.",
  ),
  json_too_deep: caller(
    400,
    "The request body is nested too deeply or has too many keys. Use at most 64 levels and 10,000 keys.",
  ),
  invalid_parameter: caller(
    400,
    "A parameter has a value that is not allowed. See `param` for its name and correct it.",
  ),
  unknown_field: caller(
    400,
    "The request has a field that does not exist here. Remove the field that `param` names.",
  ),
  unsupported_parameter: caller(
    400,
    "The model that would serve this request cannot honour a parameter. Remove the one that `param` names or choose another model.",
  ),
  missing_tags: caller(
    400,
    "This key must attribute its requests. Send the tags that `param` names in x-headgate-tags.",
  ),
  context_length_exceeded: caller(
    400,
    "The request is longer than the model's context. Shorten the messages or choose a model with a larger context.",
  ),
  request_exceeds_limit: caller(
    400,
    "This request alone is larger than a limit allows and can never be admitted. Make it smaller or have the limit raised.",
  ),
  model_not_priced: caller(
    400,
    "The model has no known price and a strict dollar limit applies. Add a price for it to the configuration.",
  ),
  invalid_idempotency_key: caller(
    400,
    "Idempotency-Key must be 1 to 255 printable ASCII characters.",
  ),
  invalid_config: caller(
    400,
    "The configuration was refused and nothing was changed. See `details` for each path and what is wrong there.",
  ),
  non_canonical_path: caller(
    400,
    "The request path is not in canonical form. Send it without empty, dot or encoded segments.",
  ),
  invalid_host: caller(
    400,
    "The Host header is not one that this gateway answers to. Use the gateway's own address.",
  ),
  content_filtered: row(
    400,
    "invalid_request_error",
    "invalid_request_error",
    "upstream",
    false,
    "The provider's content filter refused this request. Change the content of the messages.",
  ),
  content_blocked: caller(
    400,
    "This request was blocked by a content policy of your organisation. Change the content of the messages.",
  ),
  invalid_api_key: caller(
    401,
    "The API key is missing or not valid. Send a key of this gateway as `Authorization: Bearer hg_…`.",
    "authentication_error",
    "authentication_error",
  ),
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
  model_not_allowed: caller(
    403,
    "This key may not use that model. GET /v1/models lists the ones it may use.",
    "permission_error",
    "permission_error",
  ),
  scope_missing: caller(
    403,
    "This key does not have the scope that the route needs. Use a key with that scope.",
    "permission_error",
    "permission_error",
  ),
  ip_not_allowed: caller(
    403,
    "This key may not be used from this address.",
    "permission_error",
    "permission_error",
  ),
  model_not_found: caller(
    404,
    "There is no model or route of that name. GET /v1/models lists the ones that exist.",
    "invalid_request_error",
    "not_found_error",
  ),
  not_found: caller(
    404,
    "There is nothing at this address. Check the path and the id.",
    "invalid_request_error",
    "not_found_error",
  ),
  method_not_allowed: caller(
    405,
    "This route does not answer to that method. The Allow header lists the ones it does.",
  ),
  unsupported_media_type: caller(
    415,
    "Send the body as application/json, without Content-Encoding.",
  ),
  request_timeout: row(
    408,
    "timeout_error",
    "timeout_error",
    "caller",
    true,
    "The request body did not arrive in time. Send it again.",
  ),
  idempotency_in_progress: row(
    409,
    "conflict_error",
    "invalid_request_error",
    "caller",
    true,
    "A request with this Idempotency-Key is still running. Try again after Retry-After.",
  ),
  idempotency_outcome_unknown: noRetry(
    caller(
      409,
      "It is not known whether the first request with this Idempotency-Key was carried out. Check, then use a new key.",
      "conflict_error",
    ),
  ),
  idempotency_not_replayable: noRetry(
    caller(
      409,
      "The first request with this Idempotency-Key succeeded, but its answer is too large to be replayed.",
      "conflict_error",
    ),
  ),
  already_exists: noRetry(
    caller(409, "Something with this id exists already. Choose another id.", "conflict_error"),
  ),
  has_children: noRetry(
    caller(
      409,
      "Something still stands under what you want to remove. Remove that first, or send ?cascade=true.",
      "conflict_error",
    ),
  ),
  version_conflict: caller(
    412,
    "The document has changed since you read it. Read it again, apply your change and retry.",
    "conflict_error",
  ),
  request_too_large: caller(
    413,
    "The request body is too large. See `details` for the limit in bytes.",
    "invalid_request_error",
    "request_too_large",
  ),
  idempotency_key_reused: caller(
    422,
    "This Idempotency-Key was used with a different request. Use a new key.",
  ),
  rate_limit_requests: limit("Too many requests. Wait for Retry-After and try again."),
  rate_limit_tokens: limit("Too many tokens. Wait for Retry-After and try again."),
  rate_limit_concurrency: limit(
    "Too many requests at once. Wait for one to end, or for Retry-After, and try again.",
  ),
  budget_held: limit(
    "Requests in flight hold what is left of a budget. Wait for Retry-After and try again.",
  ),
  upstream_rate_limited: row(
    429,
    "rate_limit_error",
    "rate_limit_error",
    "upstream",
    true,
    "The provider limits the rate of requests and no other target is left. Wait for Retry-After and try again.",
  ),
  internal_error: row(
    500,
    "api_error",
    "api_error",
    "gateway",
    true,
    "Something went wrong in the gateway. Try again; if it stays, report the request_id.",
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
  upstream_timeout: row(
    504,
    "timeout_error",
    "timeout_error",
    "upstream",
    true,
    "The provider did not answer in time. Try again; `details.phase` says what was waited for.",
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
  stream_interrupted: row(
    502,
    "upstream_error",
    "api_error",
    "upstream",
    true,
    "The answer broke off before its end. What was received is incomplete; try again.",
  ),
} as const satisfies Record<string, Row>;

export type ErrorCode = keyof typeof ERRORS;

export type TimeoutPhase = "headers" | "first_token" | "response" | "idle" | "total";

/** An expected failure. Everything but `code` is optional and safe to show to the caller. */
export type Failure = {
  readonly code: ErrorCode;
  /** The field, header, path or setting that is at fault. */
  readonly param?: string;
  readonly details?: unknown;
  /** Milliseconds until trying again makes sense; becomes Retry-After and retry-after-ms. */
  readonly retryAfterMs?: number;
  /** For method_not_allowed: the Allow header. */
  readonly allow?: readonly string[];
  /** Who is at fault where it is not whom the table names: a provider may refuse a parameter too. */
  readonly source?: Source;
};

export const failure = (code: ErrorCode, more: Omit<Failure, "code"> = {}): Failure => ({
  code,
  ...more,
});

export const statusOf = (fail: Failure): number => ERRORS[fail.code].status;
