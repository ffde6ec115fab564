import { describe, expect, it } from "vitest";
import type { DialectName } from "../../../src/domain/dialect-name.ts";
import { readingOf } from "../../../src/policy/routing/request/reading.ts";

const user = (content: unknown) => ({ messages: [{ role: "user", content }] });
const contents = (...parts: unknown[]) => ({ contents: [{ role: "user", parts }] });
const hi = user("hi");
const tool = { type: "function", function: { name: "f", parameters: { type: "object" } } };

type Row = readonly [what: string, dialect: DialectName, body: object, needs: [string, string][]];

const ROWS: readonly Row[] = [
  ["a plain question", "openai-chat", hi, []],
  ["tools", "openai-chat", { ...hi, tools: [tool] }, [["tools", "tools"]]],
  ["functions of old", "openai-chat", { ...hi, functions: [{ name: "f" }] }, [["tools", "tools"]]],
  [
    "an image",
    "openai-chat",
    user([{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }]),
    [["vision", "messages"]],
  ],
  [
    "speech",
    "openai-chat",
    user([{ type: "input_audio", input_audio: { data: "AAAA", format: "wav" } }]),
    [["audio", "messages"]],
  ],
  [
    "a spoken answer",
    "openai-chat",
    { ...hi, modalities: ["text", "audio"] },
    [["audio", "modalities"]],
  ],
  [
    "a JSON schema",
    "openai-chat",
    { ...hi, response_format: { type: "json_schema", json_schema: { name: "n", schema: {} } } },
    [["json", "response_format"]],
  ],
  [
    "a JSON object",
    "openai-chat",
    { ...hi, response_format: { type: "json_object" } },
    [["json", "response_format"]],
  ],
  ["plain text", "openai-chat", { ...hi, response_format: { type: "text" } }, []],
  [
    "reasoning",
    "openai-chat",
    { ...hi, reasoning_effort: "high" },
    [["reasoning", "reasoning_effort"]],
  ],
  ["no reasoning", "openai-chat", { ...hi, reasoning_effort: "none" }, []],
  [
    "an answer begun",
    "openai-chat",
    { messages: [...hi.messages, { role: "assistant", content: "I" }] },
    [["prefill", "messages"]],
  ],
  ["embeddings", "openai-chat", { input: ["a", "b"] }, [["embeddings", "model"]]],
  [
    "an image among a tool's results",
    "anthropic-messages",
    user([{ type: "tool_result", tool_use_id: "t", content: [{ type: "image", source: {} }] }]),
    [["vision", "messages"]],
  ],
  [
    "tools of Anthropic",
    "anthropic-messages",
    { ...hi, tools: [{ name: "f" }] },
    [["tools", "tools"]],
  ],
  [
    "thinking",
    "anthropic-messages",
    { ...hi, thinking: { type: "enabled", budget_tokens: 1_024 } },
    [["reasoning", "thinking"]],
  ],
  ["no thinking", "anthropic-messages", { ...hi, thinking: { type: "disabled" } }, []],
  [
    "a schema of Anthropic",
    "anthropic-messages",
    { ...hi, output_config: { format: { type: "json_schema", schema: {} } } },
    [["json", "output_config"]],
  ],
  [
    "an image of Gemini",
    "gemini",
    contents({ inlineData: { mimeType: "image/png", data: "AAAA" } }),
    [["vision", "contents"]],
  ],
  [
    "speech of Gemini, in snake case",
    "gemini",
    contents({ file_data: { mime_type: "audio/mp3", file_uri: "x" } }),
    [["audio", "contents"]],
  ],
  [
    "JSON of Gemini",
    "gemini",
    { ...contents({ text: "hi" }), generationConfig: { responseMimeType: "application/json" } },
    [["json", "generationConfig.responseMimeType"]],
  ],
  [
    "no thinking of Gemini",
    "gemini",
    { ...contents({ text: "hi" }), generationConfig: { thinkingConfig: { thinkingBudget: 0 } } },
    [],
  ],
];

describe("what a request needs", () => {
  it.each(ROWS)("is read for %s (%s)", (_what, dialect, body, needs) => {
    expect([...readingOf(dialect, body as Record<string, unknown>).needs().capabilities]).toEqual(
      needs,
    );
  });

  it.each([
    ["openai-chat", { ...hi, max_tokens: 5, max_completion_tokens: 7 }, 7],
    ["openai-chat", { ...hi, max_tokens: "5" }, undefined],
    ["anthropic-messages", { ...hi, max_tokens: 5 }, 5],
    ["gemini", { generationConfig: { maxOutputTokens: 5 } }, 5],
  ] as const)("has the output cap of %s", (dialect, body, cap) => {
    expect(readingOf(dialect, body).needs().outputCap).toBe(cap);
  });

  it("estimates the input of a long text from a sample of it", () => {
    const sentence = "The committee met on Tuesday and agreed on the agenda. ";
    const { inputTokens, mostInput } = readingOf(
      "openai-chat",
      user(sentence.repeat(10_000)),
    ).needs();
    // Eleven words and a full stop.
    expect(inputTokens() / (11 * 10_000)).toBeGreaterThan(0.8);
    expect(inputTokens() / (11 * 10_000)).toBeLessThan(1.3);
    expect(mostInput).toBeGreaterThan(inputTokens());
  });

  it("counts system instructions, calls and tools as input", () => {
    const long = "word ".repeat(1_000);
    const tokens = (more: object): number =>
      readingOf("anthropic-messages", { ...hi, ...more })
        .needs()
        .inputTokens();
    const tools = [{ name: "f", description: long }];
    expect(tokens({ system: long }) - tokens({})).toBeGreaterThan(800);
    expect(tokens({ tools }) - tokens({})).toBeGreaterThan(800);
  });

  it.each(["valueOf", "nobody", 7, undefined])(
    "takes a message of the role %j for the user's",
    (role) => {
      const { turns } = readingOf("openai-chat", { messages: [{ role, content: "hi" }] }).gist();
      expect(turns).toEqual([{ role: "user", texts: ["hi"] }]);
    },
  );
});
