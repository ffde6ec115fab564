import { expect, it } from "vitest";
import { classifyAnswer, type FailedAnswer } from "../../../src/policy/resilience/classify.ts";

const refused = (details: unknown, more: Partial<FailedAnswer> = {}) =>
  classifyAnswer({
    kind: "anthropic",
    dialect: "anthropic-messages",
    status: 400,
    headers: new Map(),
    error: { type: "invalid_request_error", code: undefined, param: undefined, message: "no" },
    inBand: false,
    now: 0,
    body: { type: "error", error: { type: "invalid_request_error", message: "no", details } },
    ...more,
  });

// Anthropic's clients send the whole conversation again when `details` say so, and gave up where they were left out.
it.each([
  [400, { error_code: "thread_unsupported_request", unsupported: ["tools", "A Word", 7] }],
  [404, { error_code: "thread_not_found", message: "of sk-ant-…" }],
  [409, { error_code: "thread_already_continued" }],
  [409, { error_code: "thread_continue_in_flight" }],
])("a lost thread (%i) is told to the caller by its names alone: %j", (status, details) => {
  expect(refused(details, { status })).toEqual({
    action: "tell_caller",
    breaker: "ignore",
    failure: {
      code: "invalid_parameter",
      source: "upstream",
      param: "thread",
      details: {
        error_code: details.error_code,
        ...("unsupported" in details && { unsupported: ["tools", "7"] }),
      },
    },
  });
});

it("a lost thread is told with twenty names at most", () => {
  const unsupported = Array.from({ length: 30 }, (_, at) => `field_${at}`);
  const { failure } = refused({ error_code: "thread_unsupported_request", unsupported });
  expect(failure.details).toMatchObject({ unsupported: unsupported.slice(0, 20) });
});

it.each([
  [undefined, {}],
  [{ error_code: "another" }, {}],
  [["thread_not_found"], {}],
  [{ error_code: "thread_not_found" }, { dialect: "openai-chat" as const }],
])("other details stay with the gateway: %j %j", (details, more) => {
  expect(refused(details, more).failure).toEqual({ code: "invalid_parameter", source: "upstream" });
});
