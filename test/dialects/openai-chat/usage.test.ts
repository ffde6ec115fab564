import { describe, expect, it } from "vitest";
import { decodeUsage, isUsageChunk, streamUsage } from "../../../src/dialects/openai-chat/usage.ts";

describe("usage of OpenAI and look-alikes", () => {
  it.each([
    [
      "OpenAI counts cached tokens inside the prompt",
      {
        prompt_tokens: 100,
        completion_tokens: 20,
        total_tokens: 120,
        prompt_tokens_details: { cached_tokens: 80, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 5, audio_tokens: 0 },
      },
      {
        input_tokens: 20,
        cache_read_tokens: 80,
        output_tokens: 20,
        reasoning_tokens: 5,
        audio_input_tokens: 0,
        audio_output_tokens: 0,
      },
    ],
    [
      "cache writes are inside the prompt too",
      {
        prompt_tokens: 100,
        completion_tokens: 1,
        prompt_tokens_details: { cached_tokens: 10, cache_write_tokens: 30 },
      },
      { input_tokens: 60, cache_read_tokens: 10, cache_write_5m_tokens: 30, output_tokens: 1 },
    ],
    [
      "DeepSeek names its hits",
      { prompt_tokens: 10, completion_tokens: 1, prompt_cache_hit_tokens: 4 },
      { input_tokens: 6, cache_read_tokens: 4, output_tokens: 1 },
    ],
    [
      "xAI counts reasoning beside the completion",
      {
        prompt_tokens: 12,
        completion_tokens: 1,
        total_tokens: 303,
        completion_tokens_details: { reasoning_tokens: 290 },
      },
      { input_tokens: 12, output_tokens: 291, reasoning_tokens: 290 },
    ],
    [
      "an explicit zero is zero, a missing count is missing",
      { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
      { input_tokens: 0, output_tokens: 0 },
    ],
    [
      "a negative or broken count is missing",
      { prompt_tokens: -5, completion_tokens: 1.5, prompt_cache_hit_tokens: 3 },
      { cache_read_tokens: 3 },
    ],
    [
      "no more is cached than there was input",
      { prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 9 } },
      { input_tokens: 0, cache_read_tokens: 5, output_tokens: 1 },
    ],
  ])("%s", (_fact, wire, usage) => {
    expect(decodeUsage(wire)).toEqual(usage);
  });

  it("is none where nothing was reported", () => {
    expect([decodeUsage(undefined), decodeUsage(null), decodeUsage({}), streamUsage("x")]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("is found under x_groq in a stream", () => {
    const chunk = { choices: [], x_groq: { usage: { prompt_tokens: 1, completion_tokens: 2 } } };
    expect(streamUsage(chunk)).toEqual({ input_tokens: 1, output_tokens: 2 });
  });
});

describe("the usage chunk", () => {
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
  it.each([
    [true, { choices: [], usage }],
    [true, { usage }],
    [false, { choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage }],
    [false, { choices: [], usage: null }],
    [false, { choices: [], prompt_filter_results: [] }],
    [false, "[DONE]"],
  ])("%s: %j", (expected, data) => {
    expect(isUsageChunk(data)).toBe(expected);
  });
});
