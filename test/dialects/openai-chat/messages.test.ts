import { describe, expect, it } from "vitest";
import { openaiChat } from "../../../src/dialects/openai-chat/dialect.ts";
import type { Message } from "../../../src/domain/chat.ts";

const decoded = (...messages: unknown[]): readonly Message[] => {
  const result = openaiChat.request.decode({ messages });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.messages;
};

describe("messages of a chat request", () => {
  it("read a data URL as data and a link as a link", () => {
    const png = {
      type: "image_url",
      image_url: { url: "data:image/png;base64,iVBO", detail: "low" },
    };
    const link = { type: "image_url", image_url: { url: "https://a.example/b.png" } };
    expect(decoded({ role: "user", content: [png, link] })[0]?.content).toEqual([
      {
        type: "image",
        source: { kind: "data", media_type: "image/png", data: "iVBO" },
        detail: "low",
      },
      { type: "image", source: { kind: "url", url: "https://a.example/b.png" } },
    ]);
  });

  it("read a mark on the whole message as one on its last part", () => {
    const content = [
      { type: "text", text: "long" },
      { type: "text", text: "last" },
    ];
    const message = { role: "user", content, cache_control: { type: "ephemeral", ttl: "1h" } };
    expect(decoded(message)[0]?.content).toEqual([
      { type: "text", text: "long" },
      { type: "text", text: "last", cache: { ttl: "1h" } },
    ]);
  });

  it("put an assistant's thoughts before its text, and its calls after it", () => {
    const [message] = decoded({
      role: "assistant",
      content: "I look.",
      reasoning_content: "Hm.",
      refusal: null,
      tool_calls: [
        { id: "c1", type: "function", function: { name: "look", arguments: '{"at": 1}' } },
      ],
    });
    expect(message?.content).toEqual([
      { type: "thinking", text: "Hm." },
      { type: "text", text: "I look." },
      { type: "tool_call", id: "c1", name: "look", arguments: '{"at": 1}' },
    ]);
  });

  it("prefer reasoning_details, which are signed, over the same text in reasoning", () => {
    const [message] = decoded({
      role: "assistant",
      content: "So.",
      reasoning: "Hm.",
      reasoning_details: [
        { type: "reasoning.text", text: "Hm.", signature: "s", format: "anthropic-claude-v1" },
        { type: "reasoning.encrypted", data: "e", format: "anthropic-claude-v1" },
      ],
    });
    expect(message?.content.slice(0, 2)).toEqual([
      { type: "thinking", text: "Hm.", signature: "s", format: "anthropic-claude-v1" },
      { type: "thinking", text: "", redacted: "e", format: "anthropic-claude-v1" },
    ]);
  });

  it("tie the legacy function_call to the function message that answers it", () => {
    const messages = decoded(
      { role: "user", content: "?" },
      { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
      { role: "function", name: "f", content: "1" },
      { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
      { role: "function", name: "f", content: "2" },
    );
    const ids = messages.map((message) =>
      message.role === "tool"
        ? message.tool_call_id
        : message.content.map((part) => (part.type === "tool_call" ? part.id : "")).join(),
    );
    expect(ids).toEqual(["", "call_1", "call_1", "call_3", "call_3"]);
  });

  it("read the legacy functions as tools and function_call as the choice", () => {
    const result = openaiChat.request.decode({
      messages: [{ role: "user", content: "?" }],
      functions: [{ name: "f", description: "d", parameters: { type: "object" } }],
      function_call: { name: "f" },
    });
    expect(result).toMatchObject({
      ok: true,
      value: {
        tools: [{ name: "f", description: "d", parameters: { type: "object" } }],
        tool_choice: { name: "f" },
      },
    });
  });
});
