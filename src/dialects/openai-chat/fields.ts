/**
 * Decides: which fields of a chat request the canonical form knows, which others are hints, and so
 * which ones no other dialect may lose.
 * Never: names a field of another dialect.
 */

/** Read into the canonical form. */
export const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "stream",
  "stream_options",
  "max_tokens",
  "max_completion_tokens",
  "temperature",
  "top_p",
  "top_k",
  "frequency_penalty",
  "presence_penalty",
  "seed",
  "n",
  "stop",
  "logprobs",
  "top_logprobs",
  "tools",
  "tool_choice",
  "functions",
  "function_call",
  "parallel_tool_calls",
  "response_format",
  "reasoning_effort",
  "user",
  "metadata",
  "service_tier",
]);

/** The gateway's own (contract.md section 2): they go nowhere. */
export const GATEWAY_FIELDS: ReadonlySet<string> = new Set([
  "headgate",
  "fallback_models",
  "models",
  "use_cache",
]);

/**
 * Dropped and named when the request leaves the dialect. They steer sampling, storage, routing or
 * billing; the answer is still the one that was asked for. Every other unknown field is refused there.
 */
export const HINT_FIELDS: ReadonlySet<string> = new Set([
  // OpenAI
  "logit_bias",
  "prompt_cache_key",
  "prompt_cache_options",
  "prompt_cache_retention",
  "safety_identifier",
  "store",
  "verbosity",
  // Look-alikes
  "enable_thinking",
  "include_reasoning",
  "min_p",
  "min_tokens",
  "provider",
  "random_seed",
  "reasoning_format",
  "repetition_penalty",
  "route",
  "safe_prompt",
  "thinking",
  "top_a",
  "transforms",
  "usage",
]);

/** Read of a message. */
export const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  "role",
  "content",
  "name",
  "cache_control",
  "tool_calls",
  "tool_call_id",
  "function_call",
  "refusal",
  "reasoning",
  "reasoning_content",
  "reasoning_details",
  "extra_content",
]);

/**
 * What clients send back of an answer, or keep for themselves: it says nothing to the model. `prefix`
 * (Mistral, DeepSeek) marks a beginning to go on from, which a last assistant message is elsewhere.
 */
export const MESSAGE_HINTS: ReadonlySet<string> = new Set([
  "annotations",
  "citations",
  "id",
  "prefix",
  "provider_options",
  // LiteLLM's clients
  "provider_specific_fields",
  "thinking_blocks",
]);
