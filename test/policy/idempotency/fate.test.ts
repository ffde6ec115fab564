import { describe, expect, it } from "vitest";
import { type ErrorCode, failure } from "../../../src/domain/error.ts";
import { type Ending, type Fate, fateOf } from "../../../src/policy/idempotency/fate.ts";

const plain = {
  attempts: 1,
  stream: false,
  first_token_ms: undefined,
  usage: undefined,
  cost_nano_usd: undefined,
};
const used = { ...plain, usage: { input_tokens: 3, output_tokens: 1 } };
const ending = (more: Partial<Ending> = {}): Ending => ({
  record: plain,
  failure: undefined,
  brokeOff: false,
  left: false,
  ...more,
});
const fails = (code: ErrorCode, more: Partial<Ending> = {}): Ending =>
  ending({ failure: failure(code), ...more });

describe("fateOf", () => {
  it.each<[string, Ending, Fate]>([
    ["an answer", ending({ record: used }), "keep"],
    ["an answer without usage", ending(), "keep"],
    ["an answer that nobody was asked for", ending({ record: { ...plain, attempts: 0 } }), "keep"],
    [
      "a provider's 400",
      ending({ failure: failure("invalid_parameter", { source: "upstream" }) }),
      "keep",
    ],
    [
      "a provider's 413",
      ending({ failure: failure("request_too_large", { source: "upstream" }) }),
      "keep",
    ],
    ["a provider's filter", fails("content_filtered"), "keep"],
    ["a provider's count of the context", fails("context_length_exceeded"), "keep"],
    [
      "our own count of the context",
      fails("context_length_exceeded", { record: { ...plain, attempts: 0 } }),
      "free",
    ],
    ["our own 400", fails("invalid_parameter"), "free"],
    ["our own 404", fails("model_not_found", { record: { ...plain, attempts: 0 } }), "free"],
    ["401", fails("invalid_api_key"), "free"],
    ["402", fails("budget_exceeded"), "free"],
    ["403", fails("model_not_allowed"), "free"],
    ["our own 413", fails("request_too_large"), "free"],
    ["429", fails("rate_limit_requests"), "free"],
    ["a provider's 429", fails("upstream_rate_limited"), "free"],
    ["503", fails("no_healthy_upstream"), "free"],
    ["502 of nobody's work", fails("upstream_error"), "free"],
    ["502 after tokens", fails("upstream_invalid", { record: used }), "keep"],
    [
      "502 after an output alone",
      fails("upstream_invalid", { record: { ...plain, usage: { output_tokens: 1 } } }),
      "keep",
    ],
    [
      "502 after money",
      fails("upstream_invalid", { record: { ...plain, cost_nano_usd: 7 } }),
      "keep",
    ],
    [
      "a stream that broke off",
      ending({ brokeOff: true, record: { ...plain, stream: true, first_token_ms: 9 } }),
      "keep",
    ],
    [
      "a stream that failed before content",
      ending({ brokeOff: true, record: { ...plain, stream: true } }),
      "free",
    ],
    [
      "a stream that was left",
      ending({ left: true, record: { ...plain, stream: true, first_token_ms: 9 } }),
      "keep_broken",
    ],
    [
      "a stream that was left before content",
      ending({ left: true, record: { ...plain, stream: true } }),
      "free",
    ],
    ["a whole answer that was left", ending({ left: true, record: plain }), "free"],
    ["one that was left after tokens", ending({ left: true, record: used }), "keep_broken"],
  ])("%s", (_, end, fate) => {
    expect(fateOf(end)).toBe(fate);
  });
});
