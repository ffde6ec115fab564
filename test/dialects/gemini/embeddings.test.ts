import { describe, expect, it } from "vitest";
import { geminiEmbeddings } from "../../../src/dialects/gemini/embeddings.ts";

describe("an embeddings request to Gemini", () => {
  it("asks for each input by itself", () => {
    const body = { model: "e", input: ["a", "b"], dimensions: 768, user: "u", headgate: {} };
    expect(geminiEmbeddings.encode(body, "gemini-embedding-001")).toEqual({
      ok: true,
      value: {
        requests: ["a", "b"].map((text) => ({
          model: "models/gemini-embedding-001",
          content: { parts: [{ text }] },
          outputDimensionality: 768,
        })),
      },
    });
  });

  it.each([
    [{ input: [1, 2] }, "unsupported_parameter", "input"],
    [{ input: [[1, 2]] }, "unsupported_parameter", "input"],
    [{ input: "a", input_type: "query" }, "unsupported_parameter", "input_type"],
    [{ input: "" }, "invalid_parameter", "input"],
    [{ input: [] }, "invalid_parameter", "input"],
    [{ input: ["a", ""] }, "invalid_parameter", "input"],
    [{ input: [{}] }, "invalid_parameter", "input"],
    [{}, "invalid_parameter", "input"],
    [{ input: "a", dimensions: 0 }, "invalid_parameter", "dimensions"],
    [{ input: "a", dimensions: 1.5 }, "invalid_parameter", "dimensions"],
    [{ input: "a", encoding_format: "hex" }, "invalid_parameter", "encoding_format"],
  ])("refuses %j", (body, code, param) => {
    expect(geminiEmbeddings.encode(body, "m")).toEqual({ ok: false, error: { code, param } });
  });
});

describe("Gemini's embeddings", () => {
  const answer = { embeddings: [{ values: [0.5, -1] }], usageMetadata: { promptTokenCount: 3 } };

  it("become OpenAI's list, with the count that Gemini gave", () => {
    expect(geminiEmbeddings.decode(answer, { model: "e", input: "a" })).toEqual({
      ok: true,
      value: {
        object: "list",
        data: [{ object: "embedding", index: 0, embedding: [0.5, -1] }],
        model: "e",
        usage: { prompt_tokens: 3, total_tokens: 3 },
      },
    });
  });

  it("become base64 of little-endian floats when asked", () => {
    const result = geminiEmbeddings.decode(answer, { input: ["a"], encoding_format: "base64" });
    expect(result.ok && result.value["data"]).toEqual([
      { object: "embedding", index: 0, embedding: "AAAAPwAAgL8=" },
    ]);
  });

  it("say no usage where Gemini counted none", () => {
    const result = geminiEmbeddings.decode({ embeddings: answer.embeddings }, { input: "a" });
    expect(result.ok && "usage" in result.value).toBe(false);
  });

  it.each([
    [null],
    [{}],
    [{ embeddings: [] }],
    [{ embeddings: [{}] }],
    [{ embeddings: [{ values: ["1"] }] }],
    [{ embeddings: [{ values: [1] }, { values: [2] }] }],
  ])("are not %j for one input", (body) => {
    expect(geminiEmbeddings.decode(body, { input: "a" })).toEqual({ ok: false, error: "invalid" });
  });
});
