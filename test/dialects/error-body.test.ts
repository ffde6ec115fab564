import { describe, expect, it } from "vitest";
import { errorBody } from "../../src/dialects/error-body.ts";
import { ERRORS, type ErrorCode, failure } from "../../src/domain/error.ts";

const CODES = Object.keys(ERRORS) as ErrorCode[];

describe("errorBody", () => {
  it("in OpenAI's envelope names everything that the contract lists", () => {
    const fail = failure("budget_exceeded", { param: "usd", details: { level: "team" } });
    expect(errorBody("openai", fail, "req_1")).toEqual({
      error: {
        message: ERRORS.budget_exceeded.message,
        type: "insufficient_quota",
        param: "usd",
        code: "budget_exceeded",
        request_id: "req_1",
        retryable: false,
        source: "limit",
        details: { level: "team" },
      },
    });
  });

  it("in Anthropic's envelope uses Anthropic's type", () => {
    expect(errorBody("anthropic", failure("model_not_found", { param: "model" }), "req_1")).toEqual(
      {
        type: "error",
        error: {
          type: "not_found_error",
          message: ERRORS.model_not_found.message,
          code: "model_not_found",
          param: "model",
        },
        request_id: "req_1",
      },
    );
  });

  it("in Anthropic's envelope says what its sentence points to, and nothing else", () => {
    const details = { model: "nope" };
    const named = errorBody("anthropic", failure("model_not_found", { details }), "r");
    expect(named).toMatchObject({ error: { details } });
    const { error } = errorBody("anthropic", failure("invalid_api_key"), "r");
    expect(Object.keys(error as object)).toEqual(["type", "message", "code"]);
  });

  it("a failure that names its own source wins over the table", () => {
    const fail = failure("invalid_parameter", { source: "upstream" });
    expect(errorBody("openai", fail, "r")).toMatchObject({ error: { source: "upstream" } });
  });

  it("without a param says null, without details says nothing", () => {
    const { error } = errorBody("openai", failure("invalid_json"), "r") as { error: object };
    expect(error).toHaveProperty("param", null);
    expect(error).not.toHaveProperty("details");
  });

  it.each(CODES)("%s is one line of the table and nothing else", (code) => {
    const { error } = errorBody("openai", failure(code), "r") as { error: Record<string, unknown> };
    const row = ERRORS[code];
    expect(error).toMatchObject({ message: row.message, type: row.type, source: row.source, code });
    expect(errorBody("anthropic", failure(code), "r")).toMatchObject({
      type: "error",
      error: { type: row.anthropic, message: row.message, code },
    });
  });
});
