import { describe, expect, it } from "vitest";
import { openaiChat } from "../../../src/dialects/openai-chat/dialect.ts";

const messages = [{ role: "user", content: "hi" }];
const user = (part: unknown) => ({ messages: [{ role: "user", content: [part] }] });
const calls = (call: unknown) => ({
  messages: [{ role: "assistant", content: null, tool_calls: [call] }],
});

describe("a wrong value in a chat request is refused with the path to it", () => {
  it.each<[param: string, body: Record<string, unknown>]>([
    ["messages", {}],
    ["messages", { messages: [] }],
    ["messages", { messages: "hi" }],
    ["messages[0]", { messages: ["hi"] }],
    ["messages[0].role", { messages: [{ role: "robot", content: "hi" }] }],
    ["messages[0].content", { messages: [{ role: "user" }] }],
    ["messages[0].content", { messages: [{ role: "user", content: null }] }],
    ["messages[0].content", { messages: [{ role: "user", content: 7 }] }],
    ["messages[0].content[0]", user(7)],
    ["messages[0].content[0].type", user({ text: "hi" })],
    ["messages[0].content[0].text", user({ type: "text" })],
    ["messages[0].content[0].image_url", user({ type: "image_url" })],
    ["messages[0].content[0].image_url", user({ type: "image_url", image_url: { url: "b.png" } })],
    [
      "messages[0].content[0].image_url",
      user({ type: "image_url", image_url: { url: "data:image/png,notbase64" } }),
    ],
    [
      "messages[0].content[0].input_audio.format",
      user({ type: "input_audio", input_audio: { data: "AA==" } }),
    ],
    ["messages[0].content[0].file.file_data", user({ type: "file", file: {} })],
    [
      "messages[0].content[0].cache_control.ttl",
      user({ type: "text", text: "hi", cache_control: { type: "ephemeral", ttl: "2h" } }),
    ],
    ["messages[0].tool_call_id", { messages: [{ role: "tool", content: "42" }] }],
    ["messages[0].tool_calls[0].id", calls({ type: "function", function: { name: "f" } })],
    ["messages[0].tool_calls[0].function.name", calls({ id: "a", type: "function", function: {} })],
    ["messages[2].name", { messages: [...messages, ...messages, { ...messages[0], name: 1 }] }],
    ["max_tokens", { messages, max_tokens: JSON.parse("1e999") }],
    ["max_tokens", { messages, max_tokens: -1 }],
    ["max_tokens", { messages, max_tokens: 1.5 }],
    ["max_tokens", { messages, max_tokens: "5" }],
    ["max_tokens", { messages, max_tokens: 0 }],
    ["max_tokens", { messages, max_tokens: 5, max_completion_tokens: 6 }],
    ["max_completion_tokens", { messages, max_completion_tokens: 0 }],
    ["n", { messages, n: 0 }],
    ["n", { messages, n: 129 }],
    ["n", { messages, n: 1.5 }],
    ["temperature", { messages, temperature: 2.1 }],
    ["temperature", { messages, temperature: "hot" }],
    ["top_p", { messages, top_p: -0.1 }],
    ["frequency_penalty", { messages, frequency_penalty: 3 }],
    ["presence_penalty", { messages, presence_penalty: -3 }],
    ["seed", { messages, seed: 0.5 }],
    ["logprobs", { messages, logprobs: 5 }],
    ["top_logprobs", { messages, top_logprobs: 21 }],
    ["stop", { messages, stop: 7 }],
    ["stop[1]", { messages, stop: ["a", 7] }],
    ["stream", { messages, stream: "yes" }],
    ["stream_options", { messages, stream_options: true }],
    ["stream_options.include_usage", { messages, stream_options: { include_usage: 1 } }],
    ["tools", { messages, tools: {} }],
    ["tools[0].function", { messages, tools: [{ type: "function" }] }],
    ["tools[0].function.name", { messages, tools: [{ type: "function", function: {} }] }],
    ["tool_choice", { messages, tool_choice: "maybe" }],
    ["response_format.type", { messages, response_format: {} }],
    ["response_format.json_schema", { messages, response_format: { type: "json_schema" } }],
    ["reasoning_effort", { messages, reasoning_effort: 3 }],
    ["user", { messages, user: 3 }],
    ["model", { messages, model: 3 }],
  ])("%s in %j", (param, body) => {
    expect(openaiChat.request.decode(body)).toEqual({
      ok: false,
      error: { code: "invalid_parameter", param },
    });
  });
});

describe("what OpenAI or a look-alike takes is not refused", () => {
  it.each([
    [{ messages, temperature: null, max_tokens: null, stop: null, tools: null, stream: null }],
    [{ messages, max_tokens: 5, max_completion_tokens: 5 }],
    [{ messages, reasoning_effort: "extreme" }],
    [{ messages, a_field_of_tomorrow: { deep: true } }],
    [{ messages, tools: [{ type: "custom", custom: { name: "grep" } }] }],
    [{ messages, tools: [{ function: { name: "mistral_style" } }], tool_choice: "any" }],
    [{ messages, metadata: { nested: { value: 1 } } }],
    [user({ type: "video_url", video_url: { url: "https://a.example/b.mp4" } })],
    [user({ type: "image_url", image_url: "https://a.example/mistral-style.png" })],
  ])("%j", (body) => {
    expect(openaiChat.request.decode(body).ok).toBe(true);
  });
});
