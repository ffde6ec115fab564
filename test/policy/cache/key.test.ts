import { describe, expect, it } from "vitest";
import { parseExactJson } from "../../../src/base/exact-json.ts";
import type { DialectName } from "../../../src/domain/dialect-name.ts";
import { exactKeyText, type KeyOf, meaningOf } from "../../../src/policy/cache/key.ts";
import { keyOf } from "./stage.ts";

const differ = (one: Partial<KeyOf>, other: Partial<KeyOf>): boolean =>
  exactKeyText(keyOf(one)) !== exactKeyText(keyOf(other));
const body = (more: object): Partial<KeyOf> => ({
  body: { model: "m", messages: [{ role: "user", content: "Hello" }], ...more },
});

describe("what two requests may differ in and share an answer", () => {
  it.each([
    ["the order of keys", { messages: [{ content: "Hello", role: "user" }] }],
    ["stream", { stream: true, stream_options: { include_usage: true } }],
    ["user and metadata", { user: "ada", metadata: { a: "b" }, safety_identifier: "x" }],
    [
      "the gateway's own fields",
      { headgate: { tags: {} }, fallback_models: ["b"], use_cache: true },
    ],
    ["nulls and empty lists", { stop: null, tools: [], logit_bias: {}, temperature: null }],
    ["what says nothing", { n: 1, logprobs: false, response_format: { type: "text" } }],
    [
      "a text in a list",
      { messages: [{ role: "user", content: [{ type: "text", text: "Hello" }] }] },
    ],
    ["a choice among no tools", { tool_choice: "auto", parallel_tool_calls: false }],
    ["hints for the provider's cache", { prompt_cache_key: "a" }],
    [
      "marks for the provider's cache",
      {
        messages: [
          {
            role: "user",
            content: [{ type: "text", text: "Hello", cache_control: { type: "ephemeral" } }],
          },
        ],
      },
    ],
  ])("%s", (_, more) => {
    expect(differ(body({}), body(more))).toBe(false);
  });

  it("one stop sequence is a list of one", () => {
    expect(differ(body({ stop: "x" }), body({ stop: ["x"] }))).toBe(false);
  });

  it("Anthropic's system text is a list of one block", () => {
    const system = (value: unknown): Partial<KeyOf> => ({
      ...body({ system: value, max_tokens: 5 }),
      dialect: "anthropic-messages",
    });
    expect(differ(system("Be brief"), system([{ type: "text", text: "Be brief" }]))).toBe(false);
  });

  it("Gemini's fields in either case are the same", () => {
    const gemini = (fields: object): Partial<KeyOf> => ({ dialect: "gemini", body: { ...fields } });
    expect(
      differ(gemini({ generation_config: { seed: 1 } }), gemini({ generationConfig: { seed: 1 } })),
    ).toBe(false);
    expect(
      differ(
        gemini({ generationConfig: { seed: 1 } }),
        gemini({ generationConfig: { seed: 1 }, generation_config: { seed: 2 } }),
      ),
    ).toBe(true);
  });
});

describe("what keeps two requests apart", () => {
  it.each([
    ["another word", { messages: [{ role: "user", content: "Hullo" }] }],
    ["another role", { messages: [{ role: "assistant", content: "Hello" }] }],
    [
      "one more turn",
      {
        messages: [
          { role: "user", content: "Hello" },
          { role: "user", content: "" },
        ],
      },
    ],
    ["temperature", { temperature: 0 }],
    ["temperature 1, which is not every provider's default", { temperature: 1 }],
    ["seed", { seed: 1 }],
    ["a cap", { max_tokens: 10 }],
    ["a cap by its other name", { max_completion_tokens: 10 }],
    ["a tool", { tools: [{ type: "function", function: { name: "f" } }] }],
    ["a response format", { response_format: { type: "json_object" } }],
    ["a field that nobody knows", { top_a: 0.2 }],
    ["a field that has the name of what every object has", { toString: 1 }],
    ["a name", { messages: [{ role: "user", content: "Hello", name: "bo" }] }],
  ])("%s", (_, more) => {
    expect(differ(body({}), body(more))).toBe(true);
  });

  // The table of forms was asked for them as they came: these two had one form, and others threw.
  it.each(["toString", "hasOwnProperty", "__defineGetter__", "valueOf"])(
    "another value of a field named %s",
    (name) => {
      expect(differ(body({ [name]: 1 }), body({ [name]: 2 }))).toBe(true);
    },
  );

  it.each([
    ["scope", { scope: "other" }],
    ["endpoint", { endpoint: "messages" }],
    ["dialect", { dialect: "anthropic-messages" }],
    ["model", { model: "other" }],
    ["what the name stands for", { meaning: "other" }],
    ["a beta", { headers: { "anthropic-beta": "x" } }],
  ] as const)("%s", (_, change) => {
    expect(differ({}, change as Partial<KeyOf>)).toBe(true);
  });

  it("the order of a schema's properties, in which the model fills them in", () => {
    const format = (properties: object): object => ({
      response_format: {
        type: "json_schema",
        json_schema: { name: "a", schema: { type: "object", properties } },
      },
    });
    const [one, other] = [format({ a: {}, b: {} }), format({ b: {}, a: {} })];
    expect(differ(body(one), body(other))).toBe(true);
  });

  it("the last digit of a long number", () => {
    const long = (digit: number): Partial<KeyOf> => ({
      body: parseExactJson(`{"model":"m","seed":900719925474099${digit}}`) as Record<
        string,
        unknown
      >,
    });
    expect(differ(long(2), long(3))).toBe(true);
    expect(differ(long(3), long(3))).toBe(false);
  });

  it("a null that a tool returned", () => {
    const returned = (response: object): Partial<KeyOf> => ({
      dialect: "gemini",
      body: { contents: [{ role: "user", parts: [{ functionResponse: { response } }] }] },
    });
    expect(differ(returned({ found: null }), returned({}))).toBe(true);
  });

  it("a trace that passes through keeps nothing apart", () => {
    expect(differ({}, { headers: { traceparent: "00-1" } })).toBe(false);
  });
});

describe("what a name stands for", () => {
  it("changes with provider, upstream name and address", () => {
    const target = { provider: "p", upstream: "u", baseUrl: undefined };
    const texts = [{}, { provider: "q" }, { upstream: "v" }, { baseUrl: "https://x.example" }].map(
      (change) => meaningOf({ ...target, ...change } as Parameters<typeof meaningOf>[0]),
    );
    expect(new Set(texts).size).toBe(4);
  });
});

it("every dialect has a key for the same body", () => {
  const dialects: DialectName[] = ["openai-chat", "anthropic-messages", "gemini"];
  expect(new Set(dialects.map((dialect) => exactKeyText(keyOf({ dialect })))).size).toBe(3);
});
