/**
 * Decides: what each recorded error means, as a person read it: by provider, status and a sign in
 * the body (a code, a type, or words where there is no better one).
 * Never: asks the code under test. The first row that fits decides, so that exceptions stand above.
 */
import type { ErrorCode } from "../../src/domain/error.ts";
import type { Verdict } from "../../src/policy/resilience/classify.ts";

export type Reviewed = {
  /** "" is any. */
  readonly provider: string;
  readonly status: number;
  readonly sign: string;
  /** `wait`: the same target where it names a wait of up to five seconds, else the next. */
  readonly action: Verdict["action"] | "wait";
  readonly code: ErrorCode;
  /** What the caller gets if nobody else answers. */
  readonly answer: number;
};

const row = (
  provider: string,
  status: number,
  sign: string,
  action: Reviewed["action"],
  code: ErrorCode,
  answer: number,
): Reviewed => ({ provider, status, sign, action, code, answer });

const REVIEWED: readonly Reviewed[] = [
  // Anthropic
  row("anthropic", 400, "prompt is too long", "next_target", "context_length_exceeded", 400),
  row("anthropic", 400, "credit balance is too low", "next_credential", "upstream_quota", 502),
  row("anthropic", 400, "invalid_request_error", "tell_caller", "invalid_parameter", 400),
  row("anthropic", 401, "authentication_error", "next_credential", "upstream_auth_failed", 502),
  row("anthropic", 404, "not_found_error", "next_target", "upstream_invalid", 502),
  row("anthropic", 429, "rate_limit_error", "wait", "upstream_rate_limited", 429),
  row("anthropic", 529, "overloaded_error", "retry_same", "upstream_error", 502),
  row("anthropic", 200, "overloaded_error", "retry_same", "upstream_error", 502),
  row("anthropic", 200, "rate_limit_error", "wait", "upstream_rate_limited", 429),
  row("anthropic", 200, "api_error", "retry_same", "upstream_error", 502),
  // Through an OpenAI-compatible door: the type says caller, the status does not.
  row("anthropic-behind", 429, "rate_limit_error", "wait", "upstream_rate_limited", 429),

  // OpenAI
  row("openai", 400, "context_length_exceeded", "next_target", "context_length_exceeded", 400),
  row("openai", 400, "content_policy_violation", "tell_caller", "content_filtered", 400),
  row("openai", 400, "model_not_found", "next_target", "upstream_invalid", 502),
  row("openai", 400, "unsupported_value", "tell_caller", "invalid_parameter", 400),
  row("openai", 400, "unsupported_parameter", "tell_caller", "invalid_parameter", 400),
  row("openai", 400, "unknown_parameter", "tell_caller", "invalid_parameter", 400),
  row("openai", 400, "invalid_value", "tell_caller", "invalid_parameter", 400),
  row("openai", 400, "invalid_image_format", "tell_caller", "invalid_parameter", 400),
  row("openai", 400, "unsupported_file", "tell_caller", "invalid_parameter", 400),
  row("openai", 400, "invalid_request_error", "tell_caller", "invalid_parameter", 400),
  row("openai", 401, "invalid_api_key", "next_credential", "upstream_auth_failed", 502),
  row("openai", 404, "model_not_found", "next_target", "upstream_invalid", 502),
  row("openai", 429, "insufficient_quota", "next_credential", "upstream_quota", 502),
  row("openai", 429, "rate_limit_exceeded", "wait", "upstream_rate_limited", 429),
  row("openai", 500, "server_error", "retry_same", "upstream_error", 502),
  row("openai", 503, "server_error", "retry_same", "upstream_error", 502),

  // Azure: the wait of a day is told; the filter answers with status 200.
  row("azure", 200, "content_filter", "tell_caller", "content_filtered", 400),
  row("azure", 400, "content_filter", "tell_caller", "content_filtered", 400),
  row("azure", 401, "invalid subscription key", "next_credential", "upstream_auth_failed", 502),
  row("azure", 404, "DeploymentNotFound", "next_target", "upstream_invalid", 502),
  row("azure", 429, "RateLimitReached", "wait", "upstream_rate_limited", 429),
  row("azure", 429, "86400 seconds", "wait", "upstream_rate_limited", 429),

  // Google: a bad key is a 400, a tier without quota looks like a rate limit.
  row("gemini", 400, "API_KEY_INVALID", "next_credential", "upstream_auth_failed", 502),
  row("gemini", 404, "NOT_FOUND", "next_target", "upstream_invalid", 502),
  row("gemini", 429, "limit: 0,", "next_credential", "upstream_quota", 502),
  row("gemini", 429, "RESOURCE_EXHAUSTED", "wait", "upstream_rate_limited", 429),
  row("gemini", 503, "UNAVAILABLE", "retry_same", "upstream_error", 502),
  row("vertex", 400, "input token count", "next_target", "context_length_exceeded", 400),
  row("vertex", 429, "RESOURCE_EXHAUSTED", "wait", "upstream_rate_limited", 429),

  // Those who speak OpenAI's dialect
  row("groq", 200, "tool_use_failed", "tell_caller", "invalid_parameter", 400),
  row("groq", 400, "tool_use_failed", "tell_caller", "invalid_parameter", 400),
  row("groq", 404, "model_not_found", "next_target", "upstream_invalid", 502),
  row("groq", 413, "Request too large", "next_target", "context_length_exceeded", 400),
  row("groq", 429, "rate_limit_exceeded", "wait", "upstream_rate_limited", 429),
  row("mistral", 401, "Invalid API Key", "next_credential", "upstream_auth_failed", 502),
  row("ollama", 400, "prompt too long", "next_target", "context_length_exceeded", 400),
  row("openrouter", 400, "maximum context length", "next_target", "context_length_exceeded", 400),
  row("openrouter", 402, "", "next_credential", "upstream_quota", 502),
  row("openrouter", 429, "rate-limited", "wait", "upstream_rate_limited", 429),
  row("perplexity", 400, "too_many_prompt_tokens", "next_target", "context_length_exceeded", 400),
  row("perplexity", 401, "invalid_api_key", "next_credential", "upstream_auth_failed", 502),
  row("deepseek", 402, "Insufficient Balance", "next_credential", "upstream_quota", 502),
  row("cerebras", 429, "Tokens per minute", "wait", "upstream_rate_limited", 429),
  // No providers of ours yet, read as OpenAI-compatible servers.
  row("bedrock", 400, "Input Tokens Exceeded", "next_target", "context_length_exceeded", 400),
  row("bedrock", 400, "model identifier is invalid", "next_target", "upstream_invalid", 502),
  row("bedrock", 400, "", "tell_caller", "invalid_parameter", 400),
  row("bedrock", 403, "security token", "next_credential", "upstream_auth_failed", 502),
  row("cohere", 400, "TOO_MANY_TOKENS", "next_target", "context_length_exceeded", 400),
  row("cohere", 404, "was removed", "next_target", "upstream_invalid", 502),
  row("voyage", 400, "is not supported", "next_target", "upstream_invalid", 502),

  // What a status says where nobody has reviewed the provider.
  row("", 400, "", "tell_caller", "invalid_parameter", 400),
  row("", 401, "", "next_credential", "upstream_auth_failed", 502),
  row("", 402, "", "next_credential", "upstream_quota", 502),
  row("", 403, "", "next_credential", "upstream_auth_failed", 502),
  row("", 404, "", "next_target", "upstream_invalid", 502),
  row("", 422, "", "tell_caller", "invalid_parameter", 400),
  row("", 429, "", "wait", "upstream_rate_limited", 429),
  row("", 500, "", "retry_same", "upstream_error", 502),
  row("", 503, "", "retry_same", "upstream_error", 502),
];

/** `reviewed` is false where only the status was judged. */
export const review = (
  provider: string,
  status: number,
  body: string,
): { readonly expected: Reviewed | undefined; readonly reviewed: boolean } => {
  const expected = REVIEWED.find(
    (one) => provider.startsWith(one.provider) && status === one.status && body.includes(one.sign),
  );
  return { expected, reviewed: expected !== undefined && expected.provider !== "" };
};
