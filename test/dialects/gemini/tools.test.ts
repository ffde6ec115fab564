import { describe, expect, it } from "vitest";
import type { EncodeFor } from "../../../src/dialects/dialect.ts";
import { gemini } from "../../../src/dialects/gemini/dialect.ts";
import type { ChatRequest, Message, Part, ToolChoice } from "../../../src/domain/chat.ts";

const SKIP = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";
const call = (id: string, name = "weather", text = "{}"): Part => ({
  type: "tool_call",
  id,
  name,
  arguments: text,
});
const asked: Message = { role: "assistant", content: [call("c1"), call("c2", "time")] };
const result = (id: string, text: string, fields: object = {}): Message => ({
  role: "tool",
  tool_call_id: id,
  content: [{ type: "text", text }],
  ...fields,
});
const encode = (fields: Partial<ChatRequest>, to: Partial<EncodeFor> = {}) =>
  gemini.request.encode(
    { messages: [], stream: false, include_usage: true, extra: {}, ...fields },
    {
      model: "gemini-2.5-flash",
      capabilities: new Set(),
      maxOutput: undefined,
      from: "openai-chat",
      ...to,
    },
  );
const body = (fields: Partial<ChatRequest>, to: Partial<EncodeFor> = {}) => {
  const written = encode(fields, to);
  if (!written.ok) throw new Error(JSON.stringify(written.error));
  return written.value.body;
};
const contents = (messages: Message[], to: Partial<EncodeFor> = {}) =>
  body({ messages }, to)["contents"];

describe("tools in a request to Gemini", () => {
  it("are declared with their JSON Schema as it is", () => {
    const parameters = { type: "object", $defs: {}, additionalProperties: false };
    expect(body({ tools: [{ name: "f", description: "d", parameters }, { name: "g" }] })).toEqual({
      contents: [],
      tools: [
        {
          functionDeclarations: [
            { name: "f", description: "d", parametersJsonSchema: parameters },
            { name: "g" },
          ],
        },
      ],
    });
  });

  it.each([
    ["auto", { mode: "AUTO" }],
    ["none", { mode: "NONE" }],
    ["required", { mode: "ANY" }],
    [{ name: "f" }, { mode: "ANY", allowedFunctionNames: ["f"] }],
  ] as [ToolChoice, object][])("are chosen by %j", (tool_choice, functionCallingConfig) => {
    expect(body({ tool_choice })["toolConfig"]).toEqual({ functionCallingConfig });
  });

  it("get the results of calls made together back together, named after their calls", () => {
    expect(
      contents([asked, result("c2", "noon"), result("c1", "sun", { is_error: true })]),
    ).toEqual([
      {
        role: "model",
        parts: [
          { functionCall: { id: "c1", name: "weather", args: {} } },
          { functionCall: { id: "c2", name: "time", args: {} } },
        ],
      },
      {
        role: "user",
        parts: [
          { functionResponse: { id: "c2", name: "time", response: { output: "noon" } } },
          { functionResponse: { id: "c1", name: "weather", response: { error: "sun" } } },
        ],
      },
    ]);
  });

  it("may have media in a result: inside it from generation 3 on, beside it before", () => {
    const image: Part = {
      type: "image",
      source: { kind: "data", media_type: "image/png", data: "AA==" },
    };
    const inlineData = { inlineData: { mimeType: "image/png", data: "AA==" } };
    const messages: Message[] = [
      { role: "assistant", content: [call("c1")] },
      { role: "tool", tool_call_id: "c1", content: [image] },
    ];
    const response = { id: "c1", name: "weather", response: { output: "" } };
    expect(contents(messages)).toMatchObject([
      {},
      { parts: [{ functionResponse: response }, inlineData] },
    ]);
    expect(contents(messages, { model: "gemini-3-pro-preview" })).toMatchObject([
      {},
      { parts: [{ functionResponse: { ...response, parts: [inlineData] } }] },
    ]);
  });

  it("called by another model carry the mark that Google documents for generation 3", () => {
    const model = "gemini-3-flash-preview";
    expect(contents([asked], { model })).toMatchObject([
      { parts: [{ thoughtSignature: SKIP }, {}] },
    ]);
    expect(JSON.stringify(contents([asked]))).not.toContain(SKIP);
    expect(JSON.stringify(contents([asked], { model, from: "gemini" }))).not.toContain(SKIP);
  });

  it("called by Gemini carry the signature that it gave", () => {
    const signed: Message = {
      role: "assistant",
      content: [{ type: "tool_call", id: "c1", name: "f", arguments: "{}", signature: "s" }],
    };
    expect(contents([signed], { model: "gemini-3-flash-preview" })).toMatchObject([
      { parts: [{ thoughtSignature: "s" }] },
    ]);
  });

  it("answer the one open call where a result has an id that nobody gave", () => {
    const one: Message = { role: "assistant", content: [call("c1")] };
    expect(contents([one, result("?", "sun")])).toMatchObject([
      {},
      { parts: [{ functionResponse: { id: "c1", name: "weather" } }] },
    ]);
  });

  it.each([
    ["a result without a call", [asked, result("?", "x")], "messages[1].tool_call_id"],
    [
      "arguments that are not JSON",
      [
        {
          role: "assistant",
          content: [{ type: "text", text: "a" }, call("c1"), call("c2", "f", "{")],
        },
      ],
      "messages[0].tool_calls[1].function.arguments",
    ],
    [
      "arguments that are no object",
      [{ role: "assistant", content: [call("c1", "f", "[1]")] }],
      "messages[0].tool_calls[0].function.arguments",
    ],
  ] as [string, Message[], string][])("are refused with %s", (_, messages, param) => {
    expect(encode({ messages })).toEqual({
      ok: false,
      error: { code: "invalid_parameter", param },
    });
  });
});

describe("thoughts in a request to Gemini", () => {
  const thought = (fields: object): Message[] => [
    { role: "assistant", content: [{ type: "thinking", text: "hm", signature: "s", ...fields }] },
  ];

  it.each([
    ["its own signature", { format: "google-gemini-v1" }, "openai-chat", { thoughtSignature: "s" }],
    ["a Gemini caller's signature", {}, "gemini", { thoughtSignature: "s" }],
    ["not another's", { format: "anthropic-claude-v1" }, "openai-chat", {}],
    ["not one of unknown make", {}, "anthropic-messages", {}],
  ] as const)("carry %s", (_, fields, from, signature) => {
    expect(contents(thought(fields), { from })).toEqual([
      { role: "model", parts: [{ text: "hm", thought: true, ...signature }] },
    ]);
  });

  // "Unable to submit request because it has an empty text parameter."
  it("that are not shown stay behind, as empty texts do, but for a Gemini caller's", () => {
    const messages: Message[] = [
      ...thought({ text: "" }),
      { role: "assistant", content: [{ type: "text", text: "" }] },
      { role: "assistant", content: [{ type: "text", text: "", signature: "s" }] },
    ];
    const signed = { role: "model", parts: [{ text: "", thoughtSignature: "s" }] };
    expect(contents(messages, { from: "anthropic-messages" })).toEqual([signed]);
    expect(contents(messages, { from: "gemini" })).toHaveLength(3);
  });

  it("that are encrypted stay behind, and are named", () => {
    const messages = thought({ text: "", redacted: "x" });
    expect(encode({ messages }, { from: "anthropic-messages" })).toMatchObject({
      value: { body: { contents: [] }, dropped: ["messages[].content[].redacted_thinking"] },
    });
  });
});
