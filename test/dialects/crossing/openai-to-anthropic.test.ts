import { describe, expect, it } from "vitest";
import type { EncodeFor } from "../../../src/dialects/dialect.ts";
import { translate, translated } from "./translated.ts";

const messages = [{ role: "user", content: "hi" }];
const OLD = "claude-sonnet-4-5-20250929";
const NEW = "claude-opus-5";

const to = (body: object, target: Partial<EncodeFor> = {}) =>
  translated("openai-chat", "anthropic-messages", { messages, ...body }, { model: OLD, ...target });

describe("a chat request for an Anthropic model", () => {
  it("keeps what both know", () => {
    const { body, dropped } = to({
      max_completion_tokens: 100,
      temperature: 0.5,
      stop: "END",
      stream: true,
      user: "u-1",
      tools: [
        {
          type: "function",
          function: { name: "f", description: "d", parameters: { type: "object" }, strict: true },
          cache_control: { type: "ephemeral" },
        },
      ],
      tool_choice: "required",
      parallel_tool_calls: false,
      response_format: {
        type: "json_schema",
        json_schema: { name: "n", schema: { type: "object" }, strict: true },
      },
    });
    expect(dropped).toEqual([]);
    expect(body).toEqual({
      model: OLD,
      max_tokens: 100,
      messages: [{ role: "user", content: "hi" }],
      temperature: 0.5,
      stop_sequences: ["END"],
      stream: true,
      metadata: { user_id: "u-1" },
      tools: [
        {
          name: "f",
          description: "d",
          input_schema: { type: "object" },
          strict: true,
          cache_control: { type: "ephemeral" },
        },
      ],
      tool_choice: { type: "any", disable_parallel_tool_use: true },
      output_config: { format: { type: "json_schema", schema: { type: "object" } } },
    });
  });

  it.each<[param: string, body: object]>([
    ["n", { n: 2 }],
    ["logprobs", { logprobs: true }],
    ["top_logprobs", { top_logprobs: 3 }],
    ["response_format", { response_format: { type: "json_object" } }],
    ["response_format", { response_format: { type: "grammar", grammar: "x" } }],
    ["audio", { audio: { voice: "alloy", format: "mp3" } }],
    ["modalities", { modalities: ["text", "audio"] }],
    ["prediction", { prediction: { type: "content", content: "x" } }],
    ["web_search_options", { web_search_options: {} }],
    ["tools[0]", { tools: [{ type: "custom", custom: { name: "grep" } }] }],
    ["tool_choice", { tool_choice: { type: "allowed_tools", allowed_tools: {} } }],
    ["a_field_of_tomorrow", { a_field_of_tomorrow: 1 }],
    [
      "messages[0].content[1]",
      {
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "hear" },
              { type: "input_audio", input_audio: { data: "AA==", format: "wav" } },
            ],
          },
        ],
      },
    ],
    [
      "messages[0].content[0]",
      { messages: [{ role: "user", content: [{ type: "file", file: { file_id: "file-1" } }] }] },
    ],
    ["messages[0].audio", { messages: [{ role: "assistant", content: "So", audio: { id: "a" } }] }],
  ])("is refused for %s", (param, body) => {
    expect(
      translate("openai-chat", "anthropic-messages", { messages, ...body }, { model: OLD }),
    ).toEqual({
      ok: false,
      error: { code: "unsupported_parameter", param },
    });
  });

  it("names every hint that it drops", () => {
    const hints = {
      seed: 1,
      frequency_penalty: 0.1,
      presence_penalty: 0.1,
      logit_bias: { 50256: -100 },
      store: false,
      metadata: { project: "p" },
      service_tier: "flex",
      prompt_cache_key: "k",
      verbosity: "low",
    };
    const { body, dropped } = to(hints);
    expect([...dropped].sort()).toEqual(Object.keys(hints).sort());
    expect(Object.keys(body).sort()).toEqual(["max_tokens", "messages", "model"]);
  });

  it("names nested hints once, without their indexes", () => {
    const image = {
      type: "image_url",
      image_url: { url: "https://a.example/b.png", detail: "high" },
    };
    const { dropped } = to({ messages: [{ role: "user", name: "ann", content: [image, image] }] });
    expect([...dropped].sort()).toEqual([
      "messages[].content[].image_url.detail",
      "messages[].name",
    ]);
  });

  it("has the gateway's own fields nowhere", () => {
    const { body, dropped } = to({ headgate: {}, models: ["b"], fallback_models: ["c"] });
    expect([Object.keys(body).sort(), dropped]).toEqual([["max_tokens", "messages", "model"], []]);
  });

  it.each([
    ["what the caller says", { max_tokens: 7 }, { maxOutput: 64_000 }, 7],
    ["else what the model can write", {}, { maxOutput: 64_000 }, 64_000],
    ["else what every Claude model can", {}, {}, 4096],
    ["and room for the thinking asked for", { reasoning_effort: "medium" }, {}, 4096 + 8192],
  ])("has a cap: %s", (_fact, body, target, cap) => {
    expect(to(body, target).body["max_tokens"]).toBe(cap);
  });

  it.each<[fact: string, body: object, model: string, expected: object, dropped: string[]]>([
    ["a temperature ends at 1", { temperature: 1.5 }, OLD, { temperature: 1 }, ["temperature"]],
    [
      "newer models take one sampler",
      { temperature: 0.2, top_p: 0.5 },
      OLD,
      { temperature: 0.2 },
      ["top_p"],
    ],
    [
      "older ones take both",
      { temperature: 0.2, top_p: 0.5 },
      "claude-3-5-haiku-20241022",
      { temperature: 0.2, top_p: 0.5 },
      [],
    ],
    ["the newest take none", { temperature: 0.2, top_k: 5 }, NEW, {}, ["temperature", "top_k"]],
    [
      "thinking takes none either",
      { temperature: 0.2, reasoning_effort: "low", max_tokens: 9000 },
      OLD,
      { thinking: { type: "enabled", budget_tokens: 4096 } },
      ["temperature"],
    ],
    [
      "an effort is an effort where the model knows it",
      { reasoning_effort: "minimal" },
      NEW,
      { thinking: { type: "adaptive" }, output_config: { effort: "low" } },
      [],
    ],
    [
      "an effort leaves room for the answer below the cap",
      { reasoning_effort: "high", max_tokens: 5000 },
      OLD,
      { thinking: { type: "enabled", budget_tokens: 4000 } },
      [],
    ],
    [
      "a stated budget only stays below the cap",
      { reasoning: { max_tokens: 9000 }, max_tokens: 5000 },
      OLD,
      { thinking: { type: "enabled", budget_tokens: 4999 } },
      [],
    ],
    [
      "a cap without room means no thinking",
      { reasoning_effort: "high", max_tokens: 500 },
      OLD,
      {},
      ["reasoning_effort"],
    ],
    [
      "a forced tool means no thinking",
      {
        reasoning_effort: "high",
        max_tokens: 50_000,
        tools: [{ type: "function", function: { name: "f" } }],
        tool_choice: { type: "function", function: { name: "f" } },
      },
      OLD,
      {
        tools: [{ name: "f", input_schema: { type: "object", properties: {} } }],
        tool_choice: { type: "tool", name: "f" },
      },
      ["reasoning_effort"],
    ],
    [
      "no thinking is said",
      { reasoning_effort: "none" },
      NEW,
      { thinking: { type: "disabled" } },
      [],
    ],
  ])("%s", (_fact, body, model, expected, dropped) => {
    const result = to(body, { model });
    const { model: _model, messages: _messages, max_tokens: _cap, ...rest } = result.body;
    expect([rest, result.dropped]).toEqual([expected, dropped]);
  });
});
