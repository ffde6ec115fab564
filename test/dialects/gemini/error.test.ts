import { describe, expect, it } from "vitest";
import { gemini } from "../../../src/dialects/gemini/dialect.ts";

const quota = { code: 429, message: "Quota exceeded.", status: "RESOURCE_EXHAUSTED" };
const says = {
  type: "RESOURCE_EXHAUSTED",
  code: "429",
  param: undefined,
  message: "Quota exceeded.",
};

describe("Gemini's error bodies", () => {
  it.each([
    ["plain", { error: quota }, says],
    ["in a list, as Vertex sends them", [{ error: quota }], says],
    [
      "nested as text inside the message",
      {
        error: { message: `${JSON.stringify({ error: quota })}\n`, code: 429, status: "Too Many" },
      },
      says,
    ],
    [
      "with the reason among the details",
      { error: { ...quota, details: [{ "@type": "x" }, { reason: "RATE_LIMIT_EXCEEDED" }] } },
      { ...says, code: "RATE_LIMIT_EXCEEDED" },
    ],
    [
      "with the reason in the older list",
      { error: { ...quota, errors: [{ domain: "global", reason: "rateLimitExceeded" }] } },
      { ...says, code: "rateLimitExceeded" },
    ],
    [
      "naming the field at fault",
      {
        error: {
          code: 400,
          message: "Invalid value.",
          status: "INVALID_ARGUMENT",
          details: [{ fieldViolations: [{ field: "generation_config.top_k" }] }],
        },
      },
      {
        type: "INVALID_ARGUMENT",
        code: "400",
        param: "generation_config.top_k",
        message: "Invalid value.",
      },
    ],
    [
      "of one word",
      { error: "no" },
      { type: undefined, code: undefined, param: undefined, message: "no" },
    ],
  ])("are read %s", (_, body, expected) => expect(gemini.error.decode(body)).toEqual(expected));

  it.each([[undefined], [null], ["text"], [{}], [[]], [{ candidates: [] }], [{ error: null }]])(
    "are not %j",
    (body) => expect(gemini.error.decode(body)).toBeUndefined(),
  );
});
