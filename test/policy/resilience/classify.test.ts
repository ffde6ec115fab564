import { describe, expect, it } from "vitest";
import {
  classifyAnswer,
  classifyFault,
  type FailedAnswer,
  type TransportFault,
  type Verdict,
} from "../../../src/policy/resilience/classify.ts";

const NOW = 1_787_150_040_000;
const said = (message: string, more: { type?: string; code?: string; param?: string } = {}) => ({
  type: more.type,
  code: more.code,
  param: more.param,
  message,
});
const answer = (status: number, more: Partial<FailedAnswer> = {}): FailedAnswer => ({
  kind: "openai",
  dialect: "openai-chat",
  status,
  headers: new Map(),
  error: undefined,
  inBand: false,
  now: NOW,
  ...more,
});
const headers = (entries: Record<string, string>) => new Map(Object.entries(entries));
/** action, code, breaker. */
type Class = readonly [Verdict["action"], Verdict["failure"]["code"], Verdict["breaker"]];
const classOf = (verdict: Verdict): Class => [
  verdict.action,
  verdict.failure.code,
  verdict.breaker,
];

describe("faults without an answer", () => {
  it.each<[TransportFault, Class]>([
    [{ fault: "unreachable" }, ["retry_same", "upstream_unreachable", "fail"]],
    [{ fault: "forbidden" }, ["next_target", "upstream_unreachable", "ignore"]],
    [{ fault: "invalid" }, ["next_target", "upstream_invalid", "fail"]],
    [{ fault: "truncated" }, ["retry_same", "upstream_error", "fail"]],
    [{ fault: "timeout", phase: "headers" }, ["next_target", "upstream_timeout", "fail"]],
    [{ fault: "timeout", phase: "first_token" }, ["next_target", "upstream_timeout", "fail"]],
    [{ fault: "timeout", phase: "idle" }, ["next_target", "upstream_timeout", "fail"]],
    [{ fault: "timeout", phase: "response" }, ["next_target", "upstream_timeout", "fail"]],
    [{ fault: "timeout", phase: "total" }, ["tell_caller", "upstream_timeout", "ignore"]],
  ])("%o", (fault, expected) => {
    const verdict = classifyFault(fault);
    expect(classOf(verdict)).toEqual(expected);
    if (fault.fault === "timeout") expect(verdict.failure.details).toEqual({ phase: fault.phase });
  });
});

describe("statuses that speak for themselves", () => {
  it.each<[number, Class]>([
    [302, ["next_target", "upstream_invalid", "ignore"]],
    [400, ["tell_caller", "invalid_parameter", "ignore"]],
    [401, ["next_credential", "upstream_auth_failed", "credential"]],
    [402, ["next_credential", "upstream_quota", "credential"]],
    [403, ["next_credential", "upstream_auth_failed", "credential"]],
    [404, ["next_target", "upstream_invalid", "ignore"]],
    [408, ["next_target", "upstream_error", "fail"]],
    [409, ["retry_same", "upstream_error", "ignore"]],
    [413, ["next_target", "request_too_large", "ignore"]],
    [418, ["next_target", "upstream_invalid", "ignore"]],
    [422, ["tell_caller", "invalid_parameter", "ignore"]],
    [425, ["retry_same", "upstream_error", "ignore"]],
    [429, ["next_target", "upstream_rate_limited", "throttle"]],
    [498, ["retry_same", "upstream_error", "fail"]],
    [500, ["retry_same", "upstream_error", "fail"]],
    [502, ["retry_same", "upstream_error", "fail"]],
    [503, ["retry_same", "upstream_error", "fail"]],
    [504, ["next_target", "upstream_error", "fail"]],
    [520, ["retry_same", "upstream_error", "fail"]],
    [524, ["next_target", "upstream_error", "fail"]],
    [529, ["retry_same", "upstream_error", "fail"]],
  ])("%i", (status, expected) => {
    expect(classOf(classifyAnswer(answer(status)))).toEqual(expected);
  });

  it("names upstream as the source of a refused request", () => {
    expect(classifyAnswer(answer(422)).failure.source).toBe("upstream");
  });
});

describe("waiting", () => {
  const LATER = { headers: headers({ "retry-after": "20" }) };
  const SOON = { headers: headers({ "retry-after": "2" }) };
  it.each<[string, FailedAnswer, Class, number, number | undefined]>([
    [
      "429, soon",
      answer(429, SOON),
      ["retry_same", "upstream_rate_limited", "throttle"],
      2_000,
      NOW + 2_000,
    ],
    [
      "429, later",
      answer(429, LATER),
      ["next_target", "upstream_rate_limited", "throttle"],
      20_000,
      NOW + 20_000,
    ],
    [
      "429, unknown",
      answer(429),
      ["next_target", "upstream_rate_limited", "throttle"],
      5_000,
      undefined,
    ],
    [
      "503, soon",
      answer(503, SOON),
      ["retry_same", "no_healthy_upstream", "throttle"],
      2_000,
      NOW + 2_000,
    ],
    [
      "503, later",
      answer(503, LATER),
      ["next_target", "no_healthy_upstream", "throttle"],
      20_000,
      NOW + 20_000,
    ],
    [
      "529, later",
      answer(529, LATER),
      ["next_target", "no_healthy_upstream", "throttle"],
      20_000,
      NOW + 20_000,
    ],
  ])("%s", (_, failed, expected, retryAfterMs, until) => {
    const verdict = classifyAnswer(failed);
    expect(classOf(verdict)).toEqual(expected);
    expect(verdict.failure.retryAfterMs).toBe(retryAfterMs);
    expect(verdict.throttledUntil).toBe(until);
  });

  it("takes the window's reset where a 429 names no wait", () => {
    const reset = headers({
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "1s",
    });
    expect(classifyAnswer(answer(429, { headers: reset })).throttledUntil).toBe(NOW + 1_000);
  });

  it("does not read the headers of a 200 that carries an error", () => {
    const error = said("Overloaded", { type: "rate_limit_error" });
    const verdict = classifyAnswer(answer(200, { ...LATER, error, inBand: true }));
    expect(verdict.throttledUntil).toBeUndefined();
    const forbidden = headers({ "x-should-retry": "false" });
    const inside = answer(200, { headers: forbidden, error: said("Overloaded"), inBand: true });
    expect(classifyAnswer(inside).action).toBe("retry_same");
  });

  it("does not repeat where the provider forbids it", () => {
    const forbidden = headers({ "x-should-retry": "false", "retry-after": "1" });
    for (const status of [429, 500, 503]) {
      expect(classifyAnswer(answer(status, { headers: forbidden })).action).toBe("next_target");
    }
  });
});

describe("errors inside a 200", () => {
  it.each<[string, FailedAnswer["error"], Class]>([
    [
      "an Anthropic overload",
      said("Overloaded", { type: "overloaded_error" }),
      ["retry_same", "upstream_error", "fail"],
    ],
    [
      "an Anthropic rate limit",
      said("slow down", { type: "rate_limit_error" }),
      ["next_target", "upstream_rate_limited", "throttle"],
    ],
    [
      "an Anthropic api_error",
      said("Internal", { type: "api_error" }),
      ["retry_same", "upstream_error", "fail"],
    ],
    [
      "an Anthropic refusal",
      said("bad", { type: "invalid_request_error" }),
      ["tell_caller", "invalid_parameter", "ignore"],
    ],
    [
      "an Anthropic bill",
      said("pay", { type: "billing_error" }),
      ["next_credential", "upstream_quota", "credential"],
    ],
    [
      "a numeric code",
      said("no", { code: "401" }),
      ["next_credential", "upstream_auth_failed", "credential"],
    ],
    [
      "a google.rpc name",
      said("no", { type: "UNAVAILABLE" }),
      ["retry_same", "upstream_error", "fail"],
    ],
    [
      "OpenAI's overload",
      said("no", { code: "server_is_overloaded" }),
      ["retry_same", "upstream_error", "fail"],
    ],
    [
      "a content filter",
      said("no", { code: "content_filter" }),
      ["tell_caller", "content_filtered", "ignore"],
    ],
    ["no sign at all", said("something"), ["retry_same", "upstream_error", "fail"]],
    ["an error that could not be read", undefined, ["retry_same", "upstream_error", "fail"]],
  ])("%s", (_, error, expected) => {
    expect(classOf(classifyAnswer(answer(200, { error, inBand: true })))).toEqual(expected);
  });
});

describe("the parameter that upstream names", () => {
  const fields = new Set(["messages", "max_tokens"]);
  const param = (failed: FailedAnswer) => classifyAnswer(failed).failure.param;
  it("is passed on where the caller sent it", () => {
    const error = said("no", { param: "messages[0].role" });
    expect(param(answer(400, { error, fields }))).toBe("messages[0].role");
  });
  it("is kept back where the caller did not send it, or where it is not a name", () => {
    expect(param(answer(400, { error: said("no", { param: "n" }), fields }))).toBeUndefined();
    const text = said("no", { param: "max_tokens <b>sk-secret</b>" });
    expect(param(answer(400, { error: text }))).toBeUndefined();
  });
  it("is read from the head of Anthropic's sentence", () => {
    const error = said("max_tokens: 300000 > 64000, which is the maximum allowed");
    const failed = answer(400, { dialect: "anthropic-messages", error, fields });
    expect(param(failed)).toBe("max_tokens");
    expect(param({ ...failed, dialect: "openai-chat" })).toBeUndefined();
  });
});
