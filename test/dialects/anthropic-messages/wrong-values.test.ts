import { describe, expect, it } from "vitest";
import { anthropicMessages } from "../../../src/dialects/anthropic-messages/dialect.ts";

const messages = [{ role: "user", content: "hi" }];
const base = { messages, max_tokens: 5 };
const user = (block: unknown) => ({
  max_tokens: 5,
  messages: [{ role: "user", content: [block] }],
});
const tool = { name: "f", input_schema: { type: "object" } };

describe("a wrong value in a messages request is refused with the path to it", () => {
  it.each<[param: string, body: Record<string, unknown>]>([
    ["messages", { max_tokens: 5 }],
    ["messages", { max_tokens: 5, messages: [] }],
    ["messages[0]", { max_tokens: 5, messages: [null] }],
    ["messages[0].role", { max_tokens: 5, messages: [{ role: "tool", content: "x" }] }],
    ["messages[0].content", { max_tokens: 5, messages: [{ role: "user" }] }],
    ["messages[0].content[0].type", user({ text: "hi" })],
    ["messages[0].content[0].text", user({ type: "text" })],
    ["messages[0].content[0].source", user({ type: "image" })],
    [
      "messages[0].content[0].source.data",
      user({ type: "image", source: { type: "base64", media_type: "image/png" } }),
    ],
    ["messages[0].content[0].tool_use_id", user({ type: "tool_result", content: "x" })],
    [
      "messages[0].content[0].content[0].text",
      user({ type: "tool_result", tool_use_id: "a", content: [{ type: "text" }] }),
    ],
    ["messages[0].content[0].id", user({ type: "tool_use", name: "f", input: {} })],
    ["system", { ...base, system: 7 }],
    ["system[0].text", { ...base, system: [{ type: "text" }] }],
    ["max_tokens", { ...base, max_tokens: JSON.parse("1e999") }],
    ["max_tokens", { ...base, max_tokens: -1 }],
    ["max_tokens", { ...base, max_tokens: 1.5 }],
    ["max_tokens", { ...base, max_tokens: "5" }],
    ["temperature", { ...base, temperature: 1.1 }],
    ["top_p", { ...base, top_p: 2 }],
    ["top_k", { ...base, top_k: -1 }],
    ["stop_sequences", { ...base, stop_sequences: "END" }],
    ["stop_sequences[0]", { ...base, stop_sequences: [1] }],
    ["stream", { ...base, stream: 1 }],
    ["tools[0].input_schema", { ...base, tools: [{ name: "f" }] }],
    ["tools[0].name", { ...base, tools: [{ input_schema: { type: "object" } }] }],
    ["tool_choice.type", { ...base, tools: [tool], tool_choice: { type: "required" } }],
    ["tool_choice.name", { ...base, tools: [tool], tool_choice: { type: "tool" } }],
    ["thinking.budget_tokens", { ...base, thinking: { type: "enabled" } }],
    ["thinking.budget_tokens", { ...base, thinking: { type: "enabled", budget_tokens: 100 } }],
    ["thinking.display", { ...base, thinking: { type: "adaptive", display: "loud" } }],
    ["thinking.display", { ...base, thinking: { type: "adaptive", display: "valueOf" } }],
    ["output_config.effort", { ...base, output_config: { effort: "huge" } }],
    ["output_config.format.type", { ...base, output_config: { format: { type: "json" } } }],
    ["output_format.schema", { ...base, output_format: { type: "json_schema" } }],
    ["metadata.user_id", { ...base, metadata: { user_id: 1 } }],
  ])("%s in %j", (param, body) => {
    expect(anthropicMessages.request.decode(body)).toEqual({
      ok: false,
      error: { code: "invalid_parameter", param },
    });
  });
});

describe("what Anthropic takes is not refused", () => {
  it.each([
    [{ messages }],
    [{ ...base, max_tokens: 0 }],
    [{ ...base, thinking: { type: "between_tools" } }],
    [{ ...base, tools: [{ type: "web_search_20250305", name: "web_search" }] }],
    [{ ...base, mcp_servers: [{ type: "url", url: "https://a.example" }] }],
    [{ ...base, messages: [...messages, { role: "system", content: "Be brief." }] }],
    [user({ type: "search_result", source: "s", title: "t", content: [] })],
  ])("%j", (body) => {
    expect(anthropicMessages.request.decode(body).ok).toBe(true);
  });

  it("reads a count_tokens body, which has no max_tokens", () => {
    const decoded = anthropicMessages.request.decode({ model: "m", system: "s", messages });
    expect(decoded.ok && "max_output_tokens" in decoded.value).toBe(false);
  });
});
