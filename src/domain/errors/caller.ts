/**
 * Decides: what a caller is told of a fault of his own request.
 * Never: blames the caller for what a provider or the gateway did.
 */
import { caller, noRetry, type Row, row } from "./row.ts";

export const CALLER_ERRORS = {
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
    "The request body is too large. `details`, where it is there, has the limit in bytes.",
    "invalid_request_error",
    "request_too_large",
  ),
  idempotency_key_reused: caller(
    422,
    "This Idempotency-Key was used with a different request. Use a new key.",
  ),
} as const satisfies Record<string, Row>;
