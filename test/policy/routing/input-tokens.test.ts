import { describe, expect, it } from "vitest";
import type { DialectName } from "../../../src/domain/dialect-name.ts";
import { readingOf } from "../../../src/policy/routing/request/reading.ts";

const said = (content: unknown, more: object = {}) => ({
  messages: [{ role: "user", content }],
  ...more,
});
const assistant = (message: object) => ({ messages: [{ role: "assistant", ...message }] });
const parts = (...given: unknown[]) => ({ contents: [{ role: "user", parts: given }] });
const generation = (generationConfig: object) => ({ ...parts(), generationConfig });

type Place = readonly [where: string, dialect: DialectName, body: (text: string) => object];

/** Where a model reads text. */
const PLACES: readonly Place[] = [
  ["a message", "openai-chat", (text) => said(text)],
  ["a part", "openai-chat", (text) => said([null, { type: "text", text }])],
  ["a refusal", "openai-chat", (refusal) => said([{ type: "refusal", refusal }])],
  [
    "a tool call",
    "openai-chat",
    (text) => assistant({ tool_calls: [null, {}, { function: { arguments: text } }] }),
  ],
  [
    "a custom tool's call",
    "openai-chat",
    (input) => assistant({ tool_calls: [{ type: "custom", custom: { input } }] }),
  ],
  [
    "a call of old",
    "openai-chat",
    (text) => assistant({ function_call: { name: "f", arguments: text } }),
  ],
  ["a tool", "openai-chat", (text) => said("", { tools: [{ function: { description: text } }] })],
  [
    "a schema",
    "openai-chat",
    (text) => said("", { response_format: { type: "json_schema", json_schema: { name: text } } }),
  ],
  ["an input", "openai-chat", (input) => ({ input })],
  ["an input of many", "openai-chat", (text) => ({ input: ["", text] })],
  ["a message", "anthropic-messages", (text) => said(text)],
  ["a block", "anthropic-messages", (text) => said([null, { type: "text", text }])],
  ["a system prompt", "anthropic-messages", (system) => said("", { system: [{ text: system }] })],
  ["a thought", "anthropic-messages", (thinking) => said([{ type: "thinking", thinking }])],
  ["a tool call", "anthropic-messages", (text) => said([{ type: "tool_use", input: { text } }])],
  ["a result", "anthropic-messages", (content) => said([{ type: "tool_result", content }])],
  [
    "a result's block",
    "anthropic-messages",
    (text) => said([{ type: "tool_result", content: [{ type: "text", text }] }]),
  ],
  [
    "what was found",
    "anthropic-messages",
    (text) => said([{ type: "search_result", content: [{ type: "text", text }] }]),
  ],
  [
    "a document of text",
    "anthropic-messages",
    (data) => said([{ type: "document", source: { type: "text", data } }]),
  ],
  [
    "a document of blocks",
    "anthropic-messages",
    (text) => said([{ type: "document", source: { type: "content", content: [{ text }] } }]),
  ],
  ["a tool", "anthropic-messages", (text) => said("", { tools: [{ description: text }] })],
  [
    "a schema",
    "anthropic-messages",
    (text) => said("", { output_config: { format: { schema: { text } } } }),
  ],
  ["a part", "gemini", (text) => parts(null, { text })],
  ["a system prompt", "gemini", (text) => ({ systemInstruction: { parts: [{ text }] } })],
  ["a tool call", "gemini", (text) => parts({ functionCall: { args: { text } } })],
  ["a result", "gemini", (text) => parts({ function_response: { response: { text } } })],
  ["a tool", "gemini", (text) => ({ ...parts(), tools: [{ functionDeclarations: [{ text }] }] })],
  ["a schema", "gemini", (text) => generation({ responseSchema: { description: text } })],
  ["a JSON schema", "gemini", (text) => generation({ response_json_schema: { title: text } })],
];

const LENGTH = 12_000;
const reading = (dialect: DialectName, body: object) =>
  readingOf(dialect, body as Record<string, unknown>).needs();

describe("about how many tokens an input has", () => {
  it.each(PLACES)("counts the text of %s of %s", (_, dialect, body) => {
    const [none, much] = ["", "tide ".repeat(LENGTH / 5)].map((text) =>
      reading(dialect, body(text)),
    );
    // Two tokens of a character at most, and about one of five.
    expect((much?.mostInput ?? 0) - (none?.mostInput ?? 0)).toBe(2 * LENGTH);
    const tokens = (much?.inputTokens() ?? 0) - (none?.inputTokens() ?? 0);
    expect(tokens).toBeGreaterThan(LENGTH / 8);
    expect(tokens).toBeLessThan(LENGTH / 3);
  });

  it.each<readonly [string, number, DialectName, object, object]>([
    ["an image", 1_000, "openai-chat", said([]), said([{ type: "image_url" }])],
    ["an image", 1_000, "anthropic-messages", said([]), said([{ type: "image" }])],
    ["an image", 1_000, "gemini", parts(), parts({ inlineData: { mimeType: "image/png" } })],
    ["a film", 1_000, "gemini", parts(), parts({ file_data: { mime_type: "video/mp4" } })],
    ["a file", 4_500, "openai-chat", said([]), said([{ type: "file" }])],
    ["a file", 4_500, "anthropic-messages", said([]), said([{ type: "document" }])],
    ["a file", 4_500, "gemini", parts(), parts({ fileData: { mimeType: "application/pdf" } })],
    [
      "speech",
      100,
      "openai-chat",
      said([]),
      said([{ type: "input_audio", input_audio: { data: "A".repeat(33_300) } }]),
    ],
    [
      "speech",
      100,
      "gemini",
      parts(),
      parts({ inlineData: { mimeType: "audio/wav", data: "A".repeat(33_300) } }),
    ],
    ["a message", 4, "openai-chat", { messages: [] }, said("")],
  ])("takes %s for %i tokens of %s", (_, tokens, dialect, without, given) => {
    const [less, more] = [without, given].map((body) => reading(dialect, body));
    expect((more?.inputTokens() ?? 0) - (less?.inputTokens() ?? 0)).toBe(tokens);
    expect((more?.mostInput ?? 0) - (less?.mostInput ?? 0)).toBe(tokens);
  });
});
