import { describe, expect, it } from "vitest";
import { type Meaning, meaningOf, statusSaid } from "../../../src/policy/resilience/wording.ts";

const error = (message: string, code?: string, type?: string) => ({
  type,
  code,
  param: undefined,
  message,
});

/** Sentences of the providers, shortened; the meaning that a person gives them. */
const SENTENCES: Record<Meaning | "nothing more", readonly (readonly [number, string])[]> = {
  quota: [
    [
      400,
      "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing",
    ],
    [400, "You have reached your specified API usage limits. You will regain access on 2026-12-01"],
    [429, "You exceeded your current quota, please check your plan and billing details."],
    [
      429,
      "Quota exceeded for metric: free_tier_requests, limit: 0, model: x\nPlease retry in 55.5s.",
    ],
    [429, "Your team has either used all available credits or reached its monthly spending limit."],
    [402, "Insufficient Balance"],
    [402, "whatever it says"],
    [403, "Your newly created team doesn't have any credits yet."],
    [403, "Key limit exceeded (monthly limit)."],
    [402, "This request requires more credits, or fewer max_tokens."],
    [412, "Account x is suspended, possibly due to reaching the monthly spending limit"],
    [429, "you have used up your daily free allocation of 10,000 neurons, please upgrade"],
    [429, "Insufficient account balance"],
  ],
  context_length: [
    [400, "This model's maximum context length is 4097 tokens. However, you requested 5000 tokens"],
    [400, "'max_tokens' is too large: 8000. This model's maximum context length is 4096 tokens"],
    [400, "prompt is too long: 3333404 tokens > 200000 maximum"],
    [400, "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"],
    [
      400,
      "The input token count (1250074) exceeds the maximum number of tokens allowed (1048576).",
    ],
    [400, "Prompt contains 131073 tokens, too large for model with 131072 maximum context length"],
    [400, "Please reduce the length of the messages or completion."],
    [
      422,
      "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097. Given: 5000",
    ],
    [400, "This model's maximum prompt length is 131072 but the request contains 537812 tokens."],
    [400, "the request exceeds the available context size. try increasing the context size"],
    [400, "prompt too long; exceeded max context length by 1119046 tokens"],
    [400, "Your request exceeded model token limit: 8192"],
    [400, "the input token count is 1207430 but the model only supports up to 1048576."],
    [400, "The input (131073 tokens) is longer than the model's context length (131072 tokens)."],
    [422, "inputs must have less than 32768 tokens. Given: 40000"],
    [400, "Prompt exceeds max length"],
    [400, "Range of input length should be [1, 6000]"],
    [400, "Input is too long for requested model."],
    [413, "Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 7000"],
    [429, "Request too large for gpt-4o on tokens per min (TPM): Limit 1, Requested 30."],
  ],
  content_filter: [
    [
      400,
      "The response was filtered due to the prompt triggering Azure Content management policy.",
    ],
    [400, "Your request was rejected as a result of our safety system."],
    [400, "Output blocked by content filtering policy"],
    [400, "Invalid prompt: your prompt was flagged as potentially violating our usage policy."],
    [400, "The prompt violates Google's Responsible AI practices."],
    [400, "Content Exists Risk"],
    [400, "Input data may contain inappropriate content."],
    [403, 'x requires moderation on OpenAI. Your input was flagged for "violence".'],
    [400, "Content violates usage guidelines."],
  ],
  credential: [
    [400, "API key not valid. Please pass a valid API key."],
    [400, "Incorrect API key provided: so***. You can obtain an API key from the console."],
    [400, "API key expired. Please renew the API key."],
    [400, "This organization has been disabled."],
    [400, "Incorrect API key provided: sk-***. You can find yours at"],
  ],
  unknown_model: [
    [400, "The requested model 'gpt-5.2-proo' does not exist."],
    [400, "The provided model identifier is invalid."],
    [400, "Model nonexistent is not supported. Supported models are ['voyage-2']."],
    [400, "The model `x` has been decommissioned and is no longer supported."],
    [400, "Model Not Exist"],
    [400, "Invalid model: mistral-foo"],
    [400, "x/y is not a valid model ID"],
  ],
  prefill_refused: [
    [
      400,
      "This model does not support assistant message prefill. The conversation must end with a user message.",
    ],
    [
      400,
      "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant",
    ],
    [400, "Please ensure that multiturn requests ends with a user role or a function response."],
    [400, "messages: final assistant content cannot end with trailing whitespace"],
    [
      400,
      "Cannot set `add_generation_prompt` to True when the last message is from the assistant.",
    ],
  ],
  "nothing more": [
    [400, "Invalid token in prompt: 123456. Minimum value is 0, maximum value is 100257"],
    [400, "max_tokens: 300000 > 64000, which is the maximum allowed number of output tokens"],
    [400, "Unsupported value: 'messages[0].role' does not support 'developer' with this model."],
    [400, "messages.2: `tool_use` ids were found without `tool_result` blocks immediately after"],
    [400, "An assistant message with 'tool_calls' must be followed by tool messages"],
    [400, "Web search options not supported with this model."],
    [400, "Invalid value: this model is not supported with stream."],
    [400, "budget_tokens must be less than max_tokens"],
    [400, "Invalid 'tools[0].function.name': string does not match pattern."],
    [401, "Incorrect API key provided: sk-***."],
    [403, "You are not allowed to sample from this model"],
    [404, "The model `x` does not exist or you do not have access to it."],
    [429, "Tokens per minute limit exceeded - too many tokens processed."],
    [
      429,
      "Rate limit reached for x on tokens per min (TPM): Limit 6000, Used 5000, Requested 1200.",
    ],
    [
      429,
      "You exceeded your current quota, please check your plan and billing details. * Quota exceeded for metric: input_token_count, limit: 1000000\nPlease retry in 48.9s.",
    ],
    [429, "Resource has been exhausted (e.g. check quota)."],
    [
      429,
      "This request would exceed the rate limit for your organization of 20,000 input tokens per minute. Please reduce the prompt length or the maximum tokens requested",
    ],
    [302, "insufficient credits"],
    [400, "The prefix is too large for the tokens per block."],
    [403, "prompt is too long"],
    [500, "maximum context length"],
    [503, "insufficient credits"],
  ],
};

describe("what a sentence means behind its status", () => {
  const rows = Object.entries(SENTENCES).flatMap(([meaning, sentences]) =>
    sentences.map(([status, text]) => ({ meaning, status, text })),
  );
  it.each(rows)("$status $text → $meaning", ({ meaning, status, text }) => {
    expect(meaningOf(status, error(text)) ?? "nothing more").toBe(meaning);
  });
});

describe("what a code or type means behind its status", () => {
  it.each<[number, string | undefined, string | undefined, Meaning | undefined]>([
    [429, "insufficient_quota", undefined, "quota"],
    [429, undefined, "insufficient_quota", "quota"],
    [400, "billing_hard_limit_reached", "invalid_request_error", "quota"],
    [403, "personal-team-blocked:spending-limit", undefined, "quota"],
    [400, "context_length_exceeded", "invalid_request_error", "context_length"],
    [400, undefined, "TOO_MANY_TOKENS", "context_length"],
    [400, "content_policy_violation", "invalid_request_error", "content_filter"],
    [400, "content_filter", undefined, "content_filter"],
    [403, "model_not_found", "invalid_request_error", "unknown_model"],
    [400, "API_KEY_INVALID", "INVALID_ARGUMENT", "credential"],
    [429, "rate_limit_exceeded", "tokens", undefined],
    [400, "unsupported_value", "invalid_request_error", undefined],
  ])("%i %s %s → %s", (status, code, type, meaning) => {
    expect(meaningOf(status, error("", code, type))).toBe(meaning);
  });
});

describe("the status of an error inside a 200", () => {
  it.each<[string | undefined, string | undefined, number]>([
    ["502", undefined, 502],
    ["rate_limit_exceeded", "server_error", 429],
    ["tool_use_failed", "invalid_request_error", 400],
    [undefined, "overloaded_error", 529],
    [undefined, "RESOURCE_EXHAUSTED", 429],
    ["RESOURCE_EXHAUSTED", undefined, 429],
    ["20012", undefined, 500],
    ["constructor", "toString", 500],
    [undefined, undefined, 500],
  ])("%s %s → %i", (code, type, status) => {
    expect(statusSaid(error("", code, type))).toBe(status);
  });
});

it("reads no more than the first 4,096 characters of a sentence", () => {
  const sign = "prompt is too long";
  expect(meaningOf(400, error(sign.padStart(4_096)))).toBe("context_length");
  expect(meaningOf(400, error(sign.padStart(4_097)))).toBeUndefined();
});
