import { describe, expect, it } from "vitest";
import type { Capability, Target } from "../../../src/domain/target.ts";
import { eligible } from "../../../src/policy/routing/eligible.ts";
import { readingOf } from "../../../src/policy/routing/request/reading.ts";
import { targetOf } from "./stage.ts";

const able = (model: string, ...capabilities: Capability[]): Target =>
  targetOf(model, { capabilities: new Set(capabilities) });

const body = (content: unknown, more: object = {}) => ({
  messages: [{ role: "user", content }],
  ...more,
});

const left = (targets: readonly Target[], request: Record<string, unknown>) => {
  const result = eligible(targets, readingOf("openai-chat", request).needs());
  return result.ok ? result.value.map(({ model }) => model) : result.error;
};

const TOOLS = { tools: [{ type: "function", function: { name: "f" } }] };
const SCHEMA = { response_format: { type: "json_schema", json_schema: { name: "n", schema: {} } } };
const IMAGE = [{ type: "image_url", image_url: { url: "https://example.com/a.png" } }];

describe("who is eligible", () => {
  const all = [able("bare"), able("tools", "tools"), able("sees", "vision"), able("json", "json")];

  it.each([
    ["a plain question", body("hi"), ["bare", "tools", "sees", "json"]],
    ["tools", body("hi", TOOLS), ["tools"]],
    ["an image", body(IMAGE), ["sees"]],
    ["a schema", body("hi", SCHEMA), ["json"]],
  ])("goes by ability for %s", (_what, request, names) => {
    expect(left(all, request)).toEqual(names);
  });

  it("names the field that nobody can honour", () => {
    const both = body(IMAGE, TOOLS);
    expect(left(all, both)).toMatchObject({ code: "unsupported_parameter", param: "tools" });
    expect(left([able("bare")], body("hi", SCHEMA))).toMatchObject({
      code: "unsupported_parameter",
      param: "response_format",
    });
  });

  it("prefers who reasons where reasoning is asked for, and does without where nobody does", () => {
    const thinks = body("hi", { reasoning_effort: "high" });
    expect(left([able("bare"), able("thinks", "reasoning")], thinks)).toEqual(["thinks"]);
    expect(left([able("bare")], thinks)).toEqual(["bare"]);
  });

  it("keeps embedding models out of chats and chat models out of embeddings", () => {
    const two = [able("chats", "tools"), able("embeds", "embeddings")];
    expect(left(two, body("hi"))).toEqual(["chats"]);
    expect(left(two, { input: "a text" })).toEqual(["embeds"]);
    expect(left(two.slice(1), body("hi"))).toMatchObject({ code: "unsupported_parameter" });
  });
});

describe("what fits", () => {
  const sized = (model: string, context: number | undefined, maxOutput?: number): Target =>
    targetOf(model, { context, maxOutput });
  const small = sized("small", 4_000);
  const large = sized("large", 200_000);
  const words = (count: number) => "word ".repeat(count);

  it("needs room for the input and for the answer that may be written", () => {
    expect(left([small, large], body(words(10_000)))).toEqual(["large"]);
    expect(left([small, large], body("hi", { max_tokens: 3_999 }))).toEqual(["large"]);
    expect(left([small, large], body(words(1_000)))).toEqual(["small", "large"]);
  });

  it("leaves a model in whose context nobody has described", () => {
    expect(left([sized("unknown", undefined)], body(words(50_000)))).toEqual(["unknown"]);
  });

  it("is refused as too long only where it surely is", () => {
    expect(left([small], body(words(50_000)))).toMatchObject({ code: "context_length_exceeded" });
    // About 4,400 tokens by the estimate, which may be a fifth too high.
    expect(left([small], body(words(4_400)))).toEqual(["small"]);
  });

  it("prefers who can write as long an answer as is asked for", () => {
    const terse = sized("terse", 200_000, 1_000);
    expect(left([terse, large], body("hi", { max_tokens: 2_000 }))).toEqual(["large"]);
    expect(left([terse], body("hi", { max_tokens: 2_000 }))).toEqual(["terse"]);
  });
});
