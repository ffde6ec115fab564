import { describe, expect, it } from "vitest";
import { translate, translated } from "./translated.ts";

const OLD = "claude-sonnet-4-5-20250929";
const to = (messages: unknown[], model = OLD) => {
  const { body } = translated("openai-chat", "anthropic-messages", { messages }, { model });
  return { system: body["system"], messages: body["messages"] };
};
const call = (id: string, args = "{}") => ({
  id,
  type: "function",
  function: { name: "f", arguments: args },
});

describe("a chat conversation for an Anthropic model", () => {
  it("has the leading system and developer messages for its prompt", () => {
    expect(
      to([
        { role: "system", content: "A" },
        { role: "developer", content: "B" },
        { role: "user", content: "hi" },
      ]),
    ).toEqual({
      system: [
        { type: "text", text: "A" },
        { type: "text", text: "B" },
      ],
      messages: [{ role: "user", content: "hi" }],
    });
  });

  const interrupted = [
    { role: "system", content: "A" },
    { role: "user", content: "1" },
    { role: "assistant", content: "2" },
    { role: "system", content: "B" },
    { role: "user", content: "3" },
  ];

  it("has later system messages after the user's turn, where the model takes them", () => {
    expect(to(interrupted, "claude-opus-5")).toEqual({
      system: "A",
      messages: [
        { role: "user", content: "1" },
        { role: "assistant", content: "2" },
        { role: "user", content: "3" },
        { role: "system", content: "B" },
      ],
    });
  });

  it("has them in its prompt where it does not", () => {
    expect(to(interrupted)).toEqual({
      system: [
        { type: "text", text: "A" },
        { type: "text", text: "B" },
      ],
      messages: [
        { role: "user", content: "1" },
        { role: "assistant", content: "2" },
        { role: "user", content: "3" },
      ],
    });
  });

  it("has a user's turn where there were only system messages", () => {
    expect(to([{ role: "system", content: "Say hi." }])).toEqual({
      system: undefined,
      messages: [{ role: "user", content: "Say hi." }],
    });
  });

  it("alternates, and has the results first in the turn after the calls", () => {
    expect(
      to([
        { role: "user", content: "a" },
        { role: "user", content: "b" },
        { role: "assistant", content: "", tool_calls: [call("t1", '{"x":1}'), call("t2", "")] },
        { role: "user", content: "by the way" },
        { role: "tool", tool_call_id: "t1", content: "one" },
        { role: "tool", tool_call_id: "t2", content: "" },
      ]).messages,
    ).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "t1", name: "f", input: { x: 1 } },
          { type: "tool_use", id: "t2", name: "f", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "t1", content: "one" },
          { type: "tool_result", tool_use_id: "t2" },
          { type: "text", text: "by the way" },
        ],
      },
    ]);
  });

  it("has ids of the characters that Anthropic takes", () => {
    const { messages } = to([
      { role: "user", content: "?" },
      { role: "assistant", content: null, tool_calls: [call("functions.f:0")] },
      { role: "tool", tool_call_id: "functions.f:0", content: "1" },
    ]);
    expect(JSON.stringify(messages).match(/functions[^"]*/g)).toEqual([
      "functions_f_0",
      "functions_f_0",
    ]);
  });

  it("has images, documents and cache marks", () => {
    const [message] = to([
      {
        role: "user",
        content: [
          { type: "image_url", image_url: { url: "data:image/jpg;base64,iVBO" } },
          { type: "image_url", image_url: { url: "https://a.example/b.png" } },
          {
            type: "file",
            file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBE" },
          },
          { type: "file", file: { filename: "a.txt", file_data: "data:text/plain;base64,aMOp" } },
          { type: "text", text: "sum up", cache_control: { type: "ephemeral", ttl: "1h" } },
        ],
      },
    ]).messages as { content: unknown }[];
    expect(message?.content).toEqual([
      { type: "image", source: { type: "base64", media_type: "image/jpeg", data: "iVBO" } },
      { type: "image", source: { type: "url", url: "https://a.example/b.png" } },
      {
        type: "document",
        source: { type: "base64", media_type: "application/pdf", data: "JVBE" },
        title: "a.pdf",
      },
      {
        type: "document",
        source: { type: "text", media_type: "text/plain", data: "hé" },
        title: "a.txt",
      },
      { type: "text", text: "sum up", cache_control: { type: "ephemeral", ttl: "1h" } },
    ]);
  });

  it.each(["{", "[1]", '"x"'])("is refused for arguments that are no object: %s", (args) => {
    const messages = [
      { role: "user", content: "?" },
      { role: "assistant", content: null, tool_calls: [call("a"), call("b", args)] },
    ];
    expect(translate("openai-chat", "anthropic-messages", { messages }, { model: OLD })).toEqual({
      ok: false,
      error: { code: "invalid_parameter", param: "messages[1].tool_calls[1].function.arguments" },
    });
  });
});
