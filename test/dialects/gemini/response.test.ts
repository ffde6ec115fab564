import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { gemini } from "../../../src/dialects/gemini/dialect.ts";
import type { ChatResponse } from "../../../src/domain/chat.ts";

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(`test/fixtures/gemini/${name}`, "utf8"));

const decoded = (body: unknown): ChatResponse => {
  const result = gemini.response.decode(body);
  if (!result.ok) throw new Error(result.error);
  return result.value;
};
const candidate = (fields: object) => ({
  candidates: [fields],
  modelVersion: "gemini-2.5-flash",
  responseId: "r1",
});
const text = (words: string) => ({ content: { parts: [{ text: words }], role: "model" } });
const context = { requestId: "req_1", created: 0, includeUsage: true };

describe("a whole Gemini answer", () => {
  it("says its thoughts, text and calls in order, with their signatures", () => {
    expect(decoded(fixture("whole.json"))).toEqual({
      id: "abc-DEF_123",
      model: "gemini-2.5-flash",
      choices: [
        {
          index: 0,
          content: [
            {
              type: "thinking",
              text: "Rome is in Italy.",
              signature: "c2ln",
              format: "google-gemini-v1",
            },
            { type: "text", text: "It is sunny in Rome. ☀" },
            {
              type: "tool_call",
              id: "call_abc-DEF_123_0_0",
              name: "weather",
              arguments: '{"city":"Rome"}',
              signature: "Y2FsbA==",
            },
            { type: "tool_call", id: "fc_2", name: "weather", arguments: "{}" },
          ],
          finish_reason: "tool_calls",
        },
      ],
      usage: {
        input_tokens: 45,
        cache_read_tokens: 60,
        output_tokens: 27,
        reasoning_tokens: 7,
        audio_input_tokens: 6,
      },
      extra: {},
    });
  });

  it.each([
    ["STOP", "stop"],
    ["MAX_TOKENS", "length"],
    ["SAFETY", "content_filter"],
    ["RECITATION", "content_filter"],
    ["BLOCKLIST", "content_filter"],
    ["PROHIBITED_CONTENT", "content_filter"],
    ["SPII", "content_filter"],
    ["IMAGE_SAFETY", "content_filter"],
    ["MALFORMED_FUNCTION_CALL", "unknown"],
    ["UNEXPECTED_TOOL_CALL", "unknown"],
    ["OTHER", "unknown"],
    [undefined, "unknown"],
    [1, "stop"],
    [2, "length"],
  ])("that ends with %s has the finish reason %s", (finishReason, reason) => {
    const body = candidate({ ...text("a"), finishReason });
    expect(decoded(body).choices[0]?.finish_reason).toBe(reason);
  });

  it("that was blocked at the prompt is empty and filtered", () => {
    const body = { promptFeedback: { blockReason: "SAFETY" }, responseId: "r1" };
    expect(decoded(body).choices).toEqual([
      { index: 0, content: [], finish_reason: "content_filter" },
    ]);
  });

  it.each([[null], ["text"], [[]], [{}], [{ candidates: [] }], [{ usageMetadata: {} }]])(
    "is not %j",
    (body) => expect(gemini.response.decode(body)).toEqual({ ok: false, error: "invalid" }),
  );

  it("tells where its statements come from, in characters of the text", () => {
    const body = candidate({
      ...text("Größe: 5. Done."),
      finishReason: "STOP",
      groundingMetadata: {
        groundingChunks: [{ web: { uri: "https://a.example", title: "A" } }],
        groundingSupports: [
          { segment: { endIndex: 11, text: "Größe: 5." }, groundingChunkIndices: [0] },
        ],
      },
      citationMetadata: { citationSources: [{ startIndex: 12, endIndex: 17, uri: "https://b" }] },
    });
    const [part] = decoded(body).choices[0]?.content ?? [];
    expect(part).toMatchObject({
      citations: [
        { url: "https://a.example", title: "A", start: 0, end: 9, quote: "Größe: 5." },
        { url: "https://b", start: 10, end: 15 },
      ],
    });
  });

  it("has the log probabilities of its tokens and of their rivals", () => {
    const body = candidate({
      ...text("4"),
      logprobsResult: {
        chosenCandidates: [{ token: "4", logProbability: -0.5 }],
        topCandidates: [
          {
            candidates: [
              { token: "4", logProbability: -0.5 },
              { token: "5", logProbability: -2 },
            ],
          },
        ],
      },
    });
    expect(decoded(body).choices[0]?.logprobs).toEqual([
      {
        token: "4",
        logprob: -0.5,
        top_logprobs: [
          { token: "4", logprob: -0.5 },
          { token: "5", logprob: -2 },
        ],
      },
    ]);
  });

  it("keeps parts that only Gemini knows as they are, and writes them back", () => {
    const raw = { executableCode: { language: "PYTHON", code: "print(1)" } };
    const answer = decoded(candidate({ content: { parts: [raw] }, finishReason: "STOP" }));
    expect(answer.choices[0]?.content).toEqual([{ type: "opaque", dialect: "gemini", raw }]);
    const written = gemini.response.encode(answer, context);
    expect(written["candidates"]).toMatchObject([{ content: { parts: [raw] } }]);
  });

  it("has as many choices as candidates", () => {
    const candidates = [
      { ...text("a"), finishReason: "STOP" },
      { ...text("b"), index: 1 },
    ];
    const { choices } = decoded({ candidates });
    expect(choices.map(({ index, content }) => [index, content])).toEqual([
      [0, [{ type: "text", text: "a" }]],
      [1, [{ type: "text", text: "b" }]],
    ]);
  });
});

describe("Gemini's usage", () => {
  it.each([
    [{ promptTokenCount: 14, totalTokenCount: 14 }, { input_tokens: 14 }],
    [
      { promptTokenCount: 0, candidatesTokenCount: 0 },
      { input_tokens: 0, output_tokens: 0 },
    ],
    [
      { promptTokenCount: 5, thoughtsTokenCount: 3 },
      { input_tokens: 5, output_tokens: 3, reasoning_tokens: 3 },
    ],
    [
      { promptTokenCount: 5, cachedContentTokenCount: 9 },
      { input_tokens: 0, cache_read_tokens: 9 },
    ],
    [
      { candidatesTokensDetails: [{ modality: "AUDIO", tokenCount: 8 }] },
      { audio_output_tokens: 8 },
    ],
    [{ promptTokenCount: -1, candidatesTokenCount: 1.5 }, undefined],
    [{ trafficType: "ON_DEMAND" }, undefined],
    [undefined, undefined],
  ])("%j is %j", (usageMetadata, usage) => {
    expect(gemini.response.usage({ usageMetadata })).toEqual(usage);
  });
});

describe("an answer written for a Gemini client", () => {
  it("has the shape of a GenerateContentResponse", () => {
    const answer: ChatResponse = {
      id: "",
      model: "gpt-x",
      choices: [
        {
          index: 0,
          content: [{ type: "tool_call", id: "c1", name: "f", arguments: '{"a":1}' }],
          finish_reason: "tool_calls",
        },
      ],
      usage: { input_tokens: 3, cache_read_tokens: 2, output_tokens: 4, reasoning_tokens: 1 },
      extra: { system_fingerprint: "x" },
    };
    expect(gemini.response.encode(answer, context)).toEqual({
      candidates: [
        {
          content: {
            parts: [{ functionCall: { id: "c1", name: "f", args: { a: 1 } } }],
            role: "model",
          },
          finishReason: "STOP",
          index: 0,
        },
      ],
      usageMetadata: {
        promptTokenCount: 5,
        cachedContentTokenCount: 2,
        candidatesTokenCount: 3,
        thoughtsTokenCount: 1,
        totalTokenCount: 9,
      },
      modelVersion: "gpt-x",
      responseId: "req_1",
    });
  });
});
