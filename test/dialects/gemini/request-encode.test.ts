import { describe, expect, it } from "vitest";
import type { EncodeFor } from "../../../src/dialects/dialect.ts";
import { gemini } from "../../../src/dialects/gemini/dialect.ts";
import type { ChatRequest, Message, Part } from "../../../src/domain/chat.ts";

const hello: Message = { role: "user", content: [{ type: "text", text: "Hello" }] };
const request = (fields: Partial<ChatRequest> = {}): ChatRequest => ({
  messages: [hello],
  stream: false,
  include_usage: true,
  extra: {},
  ...fields,
});
const target = (fields: Partial<EncodeFor> = {}): EncodeFor => ({
  model: "gemini-2.5-flash",
  capabilities: new Set(),
  maxOutput: undefined,
  from: "openai-chat",
  ...fields,
});
const encoded = (fields: Partial<ChatRequest>, to: Partial<EncodeFor> = {}) => {
  const result = gemini.request.encode(request(fields), target(to));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const refusal = (fields: Partial<ChatRequest>, to: Partial<EncodeFor> = {}) => {
  const result = gemini.request.encode(request(fields), target(to));
  return result.ok ? undefined : result.error;
};
const user = (...content: Part[]): Partial<ChatRequest> => ({
  messages: [{ role: "user", content }],
});

describe("a request written for Gemini", () => {
  it("has one system instruction and turns of user and model", () => {
    const text = (words: string): Part[] => [{ type: "text", text: words }];
    const { body } = encoded({
      messages: [
        { role: "system", content: text("Be brief.") },
        hello,
        { role: "assistant", content: text("Hi") },
        { role: "developer", content: text("Be kind.") },
        hello,
      ],
    });
    expect(body).toEqual({
      systemInstruction: { parts: [{ text: "Be brief." }, { text: "Be kind." }] },
      contents: [
        { role: "user", parts: [{ text: "Hello" }] },
        { role: "model", parts: [{ text: "Hi" }] },
        { role: "user", parts: [{ text: "Hello" }] },
      ],
    });
  });

  it("has a turn even where there are only instructions", () => {
    const content: Part[] = [{ type: "text", text: "Say hello." }];
    expect(encoded({ messages: [{ role: "system", content }] }).body).toEqual({
      contents: [{ role: "user", parts: [{ text: "Say hello." }] }],
    });
  });

  it("carries every parameter of sampling and output", () => {
    const { body, dropped } = encoded({
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      n: 2,
      max_output_tokens: 100,
      stop: ["a"],
      seed: 7,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      logprobs: true,
      top_logprobs: 3,
    });
    expect(dropped).toEqual([]);
    expect(body["generationConfig"]).toEqual({
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      candidateCount: 2,
      maxOutputTokens: 100,
      stopSequences: ["a"],
      seed: 7,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      responseLogprobs: true,
      logprobs: 3,
    });
  });

  const schema = { type: "object", properties: {}, additionalProperties: false };
  it.each([
    [{ type: "text" }, { responseMimeType: "text/plain" }],
    [{ type: "json_object" }, { responseMimeType: "application/json" }],
    [
      { type: "json_schema", name: "x", schema, description: "A thing.", strict: true },
      {
        responseMimeType: "application/json",
        responseJsonSchema: { description: "A thing.", ...schema },
      },
    ],
  ] as const)("asks for the format %j", (response_format, config) => {
    expect(encoded({ response_format }).body["generationConfig"]).toEqual(config);
  });

  it.each([
    ["gemini-2.5-flash", { effort: "low" }, { thinkingBudget: 1024 }],
    ["gemini-2.5-flash", { effort: "none" }, { thinkingBudget: 0 }],
    ["gemini-2.5-pro", { effort: "none" }, { thinkingBudget: 128 }],
    ["gemini-2.5-flash", { effort: "max", budget_tokens: 9 }, { thinkingBudget: 9 }],
    [
      "gemini-2.5-flash",
      { adaptive: true, include: true },
      { thinkingBudget: -1, includeThoughts: true },
    ],
    ["gemini-3-flash-preview", { effort: "minimal" }, { thinkingLevel: "minimal" }],
    ["gemini-3.1-pro-preview", { effort: "none" }, { thinkingLevel: "low" }],
    ["gemini-3-pro-preview", { effort: "xhigh", budget_tokens: 9 }, { thinkingLevel: "high" }],
    ["gemini-3-pro-preview", { budget_tokens: 9 }, { thinkingBudget: 9 }],
    ["gemini-flash-latest", { effort: "medium" }, { thinkingLevel: "medium" }],
  ] as const)("asks %s for reasoning %j", (model, reasoning, thinkingConfig) => {
    expect(encoded({ reasoning }, { model }).body["generationConfig"]).toEqual({ thinkingConfig });
  });

  it("drops the wish for reasoning, by name, where the model does not think", () => {
    const fields = { reasoning: { effort: "low" } } as const;
    const at = (from: EncodeFor["from"]) => encoded(fields, { model: "gemini-2.0-flash", from });
    expect(at("openai-chat")).toMatchObject({ dropped: ["reasoning_effort"] });
    expect(at("anthropic-messages")).toMatchObject({ dropped: ["thinking"] });
    expect(at("openai-chat").body).not.toHaveProperty("generationConfig");
  });

  it("names the hints that Gemini has no place for", () => {
    const { dropped } = encoded({
      user: "u",
      metadata: { a: "b" },
      service_tier: "flex",
      hints: ["store"],
      messages: [
        {
          role: "user",
          name: "ann",
          content: [
            { type: "text", text: "a", cache: {} },
            { type: "image", source: { kind: "url", url: "https://a/b.png" }, detail: "low" },
            {
              type: "file",
              source: { kind: "data", media_type: "application/pdf", data: "" },
              filename: "f.pdf",
            },
          ],
        },
      ],
      tools: [{ name: "f", strict: true, cache: {} }],
    });
    expect(dropped).toEqual([
      ...["store", "user", "metadata", "service_tier", "messages[].name"],
      ...["messages[].content[].cache_control", "messages[].content[].image_url.detail"],
      ...["messages[].content[].filename", "tools[].cache_control", "tools[].function.strict"],
    ]);
  });

  const one = { tools: [{ name: "f" }], parallel_tool_calls: false };
  it.each([{ tools: [] }, { tool_choice: "none" }] as const)(
    "is not refused for asking for one call at a time where there is none to make: %j",
    (fields) => {
      expect(refusal({ ...one, ...fields })).toBeUndefined();
    },
  );

  it.each([
    [one, "openai-chat", "parallel_tool_calls"],
    [one, "anthropic-messages", "tool_choice.disable_parallel_tool_use"],
    [{ unportable: ["logit_bias"] }, "openai-chat", "logit_bias"],
    [{ tools: [{ name: "w", native: { type: "x" } }] }, "anthropic-messages", "tools[0]"],
    [
      user({ type: "image", source: { kind: "file", id: "file-1" } }),
      "openai-chat",
      "messages[0].content[0]",
    ],
    [
      user({ type: "opaque", dialect: "anthropic-messages", raw: {} }),
      "anthropic-messages",
      "messages[0].content[0]",
    ],
    [
      { messages: [{ role: "system", content: [{ type: "audio", format: "wav", data: "" }] }] },
      "openai-chat",
      "messages[0].content[0]",
    ],
  ] as const)("is refused where %j cannot be said", (fields, from, param) => {
    expect(refusal(fields as Partial<ChatRequest>, { from })).toEqual({
      code: "unsupported_parameter",
      param,
    });
  });
});

describe("media in a request to Gemini", () => {
  it.each([
    [
      { type: "image", source: { kind: "data", media_type: "image/png", data: "AA==" } },
      { inlineData: { mimeType: "image/png", data: "AA==" } },
    ],
    [
      { type: "image", source: { kind: "url", url: "https://a.example/b.JPG?x=1" } },
      { fileData: { mimeType: "image/jpeg", fileUri: "https://a.example/b.JPG?x=1" } },
    ],
    [
      { type: "file", source: { kind: "url", url: "https://a.example/b" } },
      { fileData: { fileUri: "https://a.example/b" } },
    ],
    [
      { type: "file", source: { kind: "text", text: "é" } },
      { inlineData: { mimeType: "text/plain", data: "w6k=" } },
    ],
    [
      { type: "audio", format: "mp3", data: "AA==" },
      { inlineData: { mimeType: "audio/mp3", data: "AA==" } },
    ],
  ] as [Part, object][])("%j is %j", (part, wire) => {
    expect(encoded(user(part)).body["contents"]).toEqual([{ role: "user", parts: [wire] }]);
  });
});
