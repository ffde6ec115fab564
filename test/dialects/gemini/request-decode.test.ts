import { describe, expect, it } from "vitest";
import { gemini } from "../../../src/dialects/gemini/dialect.ts";
import type { ChatRequest } from "../../../src/domain/chat.ts";

const hello = { contents: [{ role: "user", parts: [{ text: "Hello" }] }] };
const decoded = (body: Record<string, unknown>): ChatRequest => {
  const result = gemini.request.decode(body);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const back = (body: Record<string, unknown>) => {
  const result = gemini.request.encode(decoded(body), {
    model: "gemini-2.5-flash",
    capabilities: new Set(),
    maxOutput: undefined,
    from: "gemini",
  });
  return result.ok ? result.value : result.error;
};

describe("a Gemini caller's request", () => {
  it("is read in either spelling of its fields", () => {
    const body = {
      system_instruction: { parts: [{ text: "Be brief." }] },
      contents: [
        { parts: [{ text: "Hello" }, { inline_data: { mime_type: "image/png", data: "AA==" } }] },
        { role: "model", parts: [{ function_call: { name: "f", args: { a: 1 } } }] },
        { role: "user", parts: [{ function_response: { name: "f", response: { output: "x" } } }] },
      ],
      tools: [
        { function_declarations: [{ name: "f", parameters_json_schema: { type: "object" } }] },
      ],
      generation_config: { max_output_tokens: 5, thinking_config: { thinking_level: "LOW" } },
    };
    expect(decoded(body)).toEqual({
      messages: [
        { role: "system", content: [{ type: "text", text: "Be brief." }] },
        {
          role: "user",
          content: [
            { type: "text", text: "Hello" },
            { type: "image", source: { kind: "data", media_type: "image/png", data: "AA==" } },
          ],
        },
        {
          role: "assistant",
          content: [{ type: "tool_call", id: "place_1_0", name: "f", arguments: '{"a":1}' }],
        },
        { role: "tool", tool_call_id: "place_1_0", content: [{ type: "text", text: "x" }] },
      ],
      tools: [{ name: "f", parameters: { type: "object" } }],
      max_output_tokens: 5,
      reasoning: { effort: "low" },
      stream: false,
      include_usage: true,
      extra: {},
    });
  });

  it("has its own form of schema read as JSON Schema", () => {
    const parameters = {
      type: "OBJECT",
      properties: {
        nullable: { type: "STRING", nullable: true },
        list: { type: "ARRAY", items: { any_of: [{ type: "INTEGER" }] } },
      },
      property_ordering: ["list"],
    };
    const body = { ...hello, tools: [{ functionDeclarations: [{ name: "f", parameters }] }] };
    expect(decoded(body).tools).toEqual([
      {
        name: "f",
        parameters: {
          type: "object",
          properties: {
            nullable: { type: ["string", "null"] },
            list: { type: "array", items: { anyOf: [{ type: "integer" }] } },
          },
          propertyOrdering: ["list"],
        },
      },
    ]);
  });

  it("has calls and results without ids paired in order", () => {
    const call = { functionCall: { name: "f", args: {} } };
    const result = (output: string) => ({
      functionResponse: { name: "f", response: { output } },
    });
    const { messages } = decoded({
      contents: [
        { role: "model", parts: [call, call] },
        { role: "user", parts: [result("a"), result("b"), { text: "and?" }] },
      ],
    });
    expect(messages.slice(1)).toEqual([
      { role: "tool", tool_call_id: "place_0_0", content: [{ type: "text", text: "a" }] },
      { role: "tool", tool_call_id: "place_0_1", content: [{ type: "text", text: "b" }] },
      { role: "user", content: [{ type: "text", text: "and?" }] },
    ]);
  });

  it.each([
    [{ safetySettings: [] }, ["safetySettings"]],
    [{ cachedContent: "cachedContents/x" }, ["cachedContent"]],
    [{ tools: [{ googleSearch: {} }] }, ["tools[0]"]],
    [
      { tools: [{ functionDeclarations: [{ name: "f", behavior: "NON_BLOCKING" }] }] },
      ["tools[0].functionDeclarations[0]"],
    ],
    [{ generationConfig: { speechConfig: {} } }, ["generationConfig.speechConfig"]],
    [
      { generationConfig: { responseMimeType: "text/x.enum" } },
      ["generationConfig.responseMimeType"],
    ],
    [
      { generationConfig: { responseModalities: ["IMAGE"] } },
      ["generationConfig.responseModalities"],
    ],
    [{ generationConfig: { responseModalities: ["TEXT"] } }, undefined],
    [
      { toolConfig: { functionCallingConfig: { mode: "VALIDATED" } } },
      ["toolConfig.functionCallingConfig"],
    ],
    [
      { toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["a", "b"] } } },
      ["toolConfig.functionCallingConfig"],
    ],
    [
      { contents: [{ role: "model", parts: [{ executableCode: { code: "1" } }] }] },
      ["contents[0].parts[0]"],
    ],
    [
      { contents: [{ role: "user", parts: [{ fileData: { fileUri: "x" }, videoMetadata: {} }] }] },
      ["contents[0].parts[0]"],
    ],
  ])("with %j says what only Gemini can honour, and keeps it for Gemini", (fields, unportable) => {
    const body = { ...hello, ...fields };
    expect(decoded(body).unportable).toEqual(unportable);
    expect(back(body)).toEqual({ body, dropped: [] });
  });

  it("has labels and tier as hints", () => {
    const body = { ...hello, labels: { team: "a" }, serviceTier: "flex" };
    expect(decoded(body).hints).toEqual(["labels", "serviceTier"]);
    expect(back(body)).toEqual({ body, dropped: [] });
  });

  it.each([
    [{}, "contents"],
    [{ contents: [] }, "contents"],
    [{ contents: "Hello" }, "contents"],
    [{ contents: ["Hello"] }, "contents[0]"],
    [{ contents: [{ role: "assistant", parts: [] }] }, "contents[0].role"],
    [{ contents: [{ parts: ["a"] }] }, "contents[0].parts[0]"],
    [{ ...hello, generationConfig: { temperature: "hot" } }, "generationConfig.temperature"],
    [{ ...hello, generationConfig: { maxOutputTokens: 1.5 } }, "generationConfig.maxOutputTokens"],
    [
      { ...hello, tools: [{ functionDeclarations: [{}] }] },
      "tools[0].functionDeclarations[0].name",
    ],
  ])("is refused when it is %j", (body, param) => {
    expect(gemini.request.decode(body)).toEqual({
      ok: false,
      error: { code: "invalid_parameter", param },
    });
  });
});
