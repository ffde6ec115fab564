/**
 * Decides: which fields of a request and of a message the canonical form knows, which others are
 * hints, and so which ones no other dialect may lose.
 * Never: names a field of another dialect.
 */

/** Read into the canonical form. */
export const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "system",
  "stream",
  "max_tokens",
  "temperature",
  "top_p",
  "top_k",
  "stop_sequences",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "output_format",
  "metadata",
  "service_tier",
]);

/**
 * Dropped and named when the request leaves the dialect: caching, billing and diagnosis. Every other
 * unknown field is refused there (container, mcp_servers, context_management, inference_geo …).
 */
export const HINT_FIELDS: ReadonlySet<string> = new Set([
  "betas",
  "cache_control",
  "diagnostics",
  "speed",
]);

/**
 * What Anthropic's own API says in `details` where it refuses one of them: its clients go on without the field then.
 * A conversation that the server holds (`thread`) is what their tool runner asks for first.
 */
export const REFUSAL_DETAILS: Readonly<Record<string, object>> = {
  thread: { error_code: "thread_unsupported_request", unsupported: ["model"] },
};

/** Read of a message of the model, whole or at the start of a stream. */
export const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  "id",
  "type",
  "role",
  "model",
  "content",
  "stop_reason",
  "stop_sequence",
  "usage",
]);

export const OUTPUT_FIELDS: ReadonlySet<string> = new Set(["effort", "format"]);
