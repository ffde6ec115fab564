import { describe, expect, it } from "vitest";
import type { EncodeFor } from "../../../src/dialects/dialect.ts";
import { translate, translated } from "./translated.ts";

const messages = [{ role: "user", content: "hi" }];
const base = { max_tokens: 50, messages };
const to = (body: object, target: Partial<EncodeFor> = {}) =>
  translated("anthropic-messages", "openai-chat", { ...base, ...body }, target);

describe("a messages request for an OpenAI-speaking server", () => {
  it("keeps what both know", () => {
    const { body, dropped } = to({
      system: [{ type: "text", text: "Be brief." }],
      temperature: 0.5,
      top_p: 0.9,
      stop_sequences: ["END"],
      stream: true,
      metadata: { user_id: "u-1" },
      tools: [{ name: "f", description: "d", input_schema: { type: "object" } }],
      tool_choice: { type: "tool", name: "f", disable_parallel_tool_use: true },
      thinking: { type: "enabled", budget_tokens: 4096 },
      output_config: { format: { type: "json_schema", schema: { type: "object" } } },
    });
    expect(dropped).toEqual([]);
    expect(body).toEqual({
      model: "upstream-model",
      max_completion_tokens: 50,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "hi" },
      ],
      temperature: 0.5,
      top_p: 0.9,
      stop: ["END"],
      stream: true,
      stream_options: { include_usage: true },
      user: "u-1",
      tools: [
        {
          type: "function",
          function: { name: "f", description: "d", parameters: { type: "object" } },
        },
      ],
      tool_choice: { type: "function", function: { name: "f" } },
      parallel_tool_calls: false,
      reasoning_effort: "medium",
      response_format: {
        type: "json_schema",
        json_schema: { name: "response", schema: { type: "object" } },
      },
    });
  });

  it.each<[param: string, body: object]>([
    ["mcp_servers", { mcp_servers: [] }],
    ["container", { container: "c" }],
    ["inference_geo", { inference_geo: "eu" }],
    [
      "context_management",
      {
        context_management: {
          edits: [{ type: "clear_thinking_20251015" }, { type: "compact_20260112" }],
        },
      },
    ],
    ["tools[0]", { tools: [{ type: "web_search_20250305", name: "web_search" }] }],
    ["thinking", { thinking: { type: "between_tools" } }],
    ["max_tokens", { max_tokens: 0 }],
    [
      "messages[0].content[0]",
      { messages: [{ role: "user", content: [{ type: "search_result", source: "s" }] }] },
    ],
    [
      "messages[0].content[0].citations",
      {
        messages: [
          {
            role: "user",
            content: [
              {
                type: "document",
                source: { type: "text", media_type: "text/plain", data: "x" },
                citations: { enabled: true },
              },
            ],
          },
        ],
      },
    ],
  ])("is refused for %s", (param, body) => {
    expect(translate("anthropic-messages", "openai-chat", { ...base, ...body })).toEqual({
      ok: false,
      error: { code: "unsupported_parameter", param },
    });
  });

  // Every request of Claude Code's that thinks has it: all of them were refused by models of other providers.
  it("does without the clearing of thoughts, which only Claude has", () => {
    const edits = [{ type: "clear_thinking_20251015", keep: "all" }];
    const { body, dropped } = to({ context_management: { edits } });
    expect(body).not.toHaveProperty("context_management");
    expect(dropped).toEqual(["context_management"]);
  });

  it("says who the end user is in as many characters as OpenAI takes", () => {
    const asked = (length: number) => to({ metadata: { user_id: "u".repeat(length) } });
    expect(asked(64).body["user"]).toBe("u".repeat(64));
    expect(asked(65).body).not.toHaveProperty("user");
    expect(asked(65).dropped).toEqual(["metadata.user_id"]);
  });

  it("names every hint that it drops", () => {
    const mark = { cache_control: { type: "ephemeral" } };
    const { dropped } = to({
      top_k: 5,
      service_tier: "auto",
      speed: "fast",
      ...mark,
      thinking: { type: "adaptive", display: "omitted" },
      tools: [{ name: "f", input_schema: { type: "object" }, ...mark, defer_loading: true }],
      messages: [{ role: "user", content: [{ type: "text", text: "hi", ...mark }] }],
    });
    expect([...dropped].sort()).toEqual([
      "cache_control",
      "messages[].content[].cache_control",
      "service_tier",
      "speed",
      "thinking.display",
      "tools[].cache_control",
      "tools[].defer_loading",
      "top_k",
    ]);
  });

  const thought = {
    role: "assistant",
    content: [
      { type: "thinking", thinking: "Hm.", signature: "s" },
      { type: "text", text: "So." },
      { type: "tool_use", id: "t1", name: "f", input: { x: 1 } },
    ],
  };
  const results = {
    role: "user",
    content: [
      {
        type: "tool_result",
        tool_use_id: "t1",
        is_error: true,
        content: [
          { type: "text", text: "half" },
          { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBO" } },
        ],
      },
      { type: "text", text: "Go on." },
    ],
  };

  it("has each result as a message, and what is not text in one of the user after them", () => {
    const { body, dropped } = to({ messages: [...messages, thought, results] });
    expect(body["messages"]).toEqual([
      { role: "user", content: "hi" },
      {
        role: "assistant",
        content: "So.",
        tool_calls: [{ id: "t1", type: "function", function: { name: "f", arguments: '{"x":1}' } }],
      },
      { role: "tool", tool_call_id: "t1", content: "half" },
      {
        role: "user",
        content: [{ type: "image_url", image_url: { url: "data:image/png;base64,iVBO" } }],
      },
      { role: "user", content: "Go on." },
    ]);
    expect([...dropped].sort()).toEqual(["messages[].content[].is_error", "messages[].thinking"]);
  });

  it("has thoughts and marks where the server understands them", () => {
    const extensions = new Set(["reasoning", "cache_control"] as const);
    const marked = { type: "text", text: "hi", cache_control: { type: "ephemeral" } };
    const { body, dropped } = to(
      { messages: [{ role: "user", content: [marked] }, thought, results] },
      { extensions },
    );
    const [user, assistant] = body["messages"] as Record<string, unknown>[];
    expect(user?.["content"]).toEqual([marked]);
    expect(assistant).toMatchObject({
      reasoning_content: "Hm.",
      reasoning_details: [
        { type: "reasoning.text", text: "Hm.", signature: "s", format: "anthropic-claude-v1" },
      ],
    });
    expect(dropped).toEqual(["messages[].content[].is_error"]);
  });

  it.each([
    ["none", { thinking: { type: "disabled" } }],
    ["low", { thinking: { type: "enabled", budget_tokens: 1024 } }],
    ["high", { thinking: { type: "enabled", budget_tokens: 32_000 } }],
    ["max", { output_config: { effort: "max" } }],
    [undefined, { thinking: { type: "adaptive" } }],
  ])("has the effort %s for %j", (effort, body) => {
    expect(to(body).body["reasoning_effort"]).toBe(effort);
  });

  it("has a document's text under its name, for chat takes only PDFs", () => {
    const document = {
      type: "document",
      title: "Notes",
      source: { type: "text", media_type: "text/plain", data: "x" },
    };
    const { body } = to({ messages: [{ role: "user", content: [document] }] });
    expect(body["messages"]).toEqual([{ role: "user", content: "Notes\n\nx" }]);
  });
});
