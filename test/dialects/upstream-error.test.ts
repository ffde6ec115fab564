import { describe, expect, it } from "vitest";
import { decodeError } from "../../src/dialects/upstream-error.ts";

describe("an upstream's error body", () => {
  it.each<[shape: string, body: unknown, expected: object]>([
    [
      "OpenAI",
      { error: { message: "m", type: "t", param: "n", code: "c" } },
      { type: "t", code: "c", param: "n", message: "m" },
    ],
    [
      "Anthropic",
      { type: "error", error: { type: "overloaded_error", message: "m" }, request_id: "r" },
      { type: "overloaded_error", message: "m" },
    ],
    [
      "OpenRouter, with a number",
      { error: { message: "m", code: 402 } },
      { code: "402", message: "m" },
    ],
    ["Ollama", { error: "m" }, { message: "m" }],
    [
      "Mistral",
      { object: "error", message: "m", type: "t", param: null, code: "1800" },
      { type: "t", code: "1800", message: "m" },
    ],
    ["a sentence of FastAPI", { detail: "Unauthorized" }, { message: "Unauthorized" }],
    [
      "a list of FastAPI",
      {
        detail: [{ type: "missing", loc: ["body", "messages", 0, "role"], msg: "Field required" }],
      },
      { type: "missing", param: "messages.0.role", message: "Field required" },
    ],
    ["a list of errors", [{ error: { message: "m", code: 429 } }], { code: "429", message: "m" }],
    [
      "an error beside choices",
      { id: "x", choices: [], error: { message: "m", code: 502 } },
      { code: "502", message: "m" },
    ],
  ])("is read in the shape of %s", (_shape, body, expected) => {
    expect(decodeError(body)).toEqual({
      type: undefined,
      code: undefined,
      param: undefined,
      ...expected,
    });
  });

  it.each([
    [{ id: "a", choices: [], usage: {} }],
    [{ id: "a", choices: [], error: null }],
    [{ id: "msg", type: "message", content: [] }],
    ["text"],
    [null],
    [{}],
    [[]],
  ])("is none: %j", (body) => {
    expect(decodeError(body)).toBeUndefined();
  });
});
