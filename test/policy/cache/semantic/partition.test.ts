import { describe, expect, it } from "vitest";
import { askedOf } from "../../../../src/policy/cache/semantic/partition.ts";
import { keyOf } from "../stage.ts";

type Change = Parameters<typeof keyOf>[0];
const asked = (change: Change = {}, embedder = "lexical") => askedOf(keyOf(change), embedder);
const said = (content: unknown, more: object = {}): Change => ({
  body: {
    messages: [
      { role: "system", content: "Be brief" },
      { role: "user", content },
    ],
    ...more,
  },
});

describe("F82: the partition of a request", () => {
  it("is the same for all words of the last user turn, and holds none of them", () => {
    const [one, other] = [asked(said("What is love?")), asked(said("Who is there?"))];
    expect(one?.partition).toBe(other?.partition);
    expect(one?.turn).toBe("What is love?");
    expect(one?.partition).not.toContain("love");
  });

  it.each<[string, Change]>([
    [
      "system prompt",
      {
        body: {
          messages: [
            { role: "system", content: "Be long" },
            { role: "user", content: "Hi" },
          ],
        },
      },
    ],
    ["no system prompt", { body: { messages: [{ role: "user", content: "Hi" }] } }],
    ["tools", said("Hi", { tools: [{ type: "function", function: { name: "f" } }] })],
    ["temperature", said("Hi", { temperature: 0 })],
    ["response format", said("Hi", { response_format: { type: "json_object" } })],
    ["scope", { ...said("Hi"), scope: "other" }],
    ["model", { ...said("Hi"), model: "other" }],
    [
      "an image beside the words",
      said([
        { type: "text", text: "Hi" },
        { type: "image_url", image_url: { url: "https://x.example/a.png" } },
      ]),
    ],
    [
      "an earlier turn",
      {
        body: {
          messages: [
            { role: "system", content: "Be brief" },
            { role: "user", content: "A" },
            { role: "assistant", content: "B" },
            { role: "user", content: "Hi" },
          ],
        },
      },
    ],
  ])("is another one for another %s", (_, change) => {
    expect(asked(change)?.partition).not.toBe(asked(said("Hi"))?.partition);
  });

  it("is another one for another embedder", () => {
    expect(asked({}, "lexical")?.partition).not.toBe(asked({}, "embed-3")?.partition);
  });

  it("a request that looks like what stands for the words is not taken for it", () => {
    expect(asked(said([{ type: "text", text: { "": "turn" } }]))).toBeUndefined();
  });

  it.each<[string, Change]>([
    [
      "the assistant's",
      {
        body: {
          messages: [
            { role: "user", content: "A" },
            { role: "assistant", content: "B" },
          ],
        },
      },
    ],
    ["a tool's", { body: { messages: [{ role: "tool", tool_call_id: "1", content: "B" }] } }],
    [
      "two texts",
      said([
        { type: "text", text: "A" },
        { type: "text", text: "B" },
      ]),
    ],
    ["empty", said("  ")],
    ["a document", said("x".repeat(1_001))],
    ["missing", { body: {} }],
    ["of an embedding", { endpoint: "embeddings", body: { input: "Hi" } }],
  ])("there is none where the last word is %s", (_, change) => {
    expect(asked(change)).toBeUndefined();
  });

  it("Gemini's turns are read too, with or without a role", () => {
    const gemini = (content: object): Change => ({
      dialect: "gemini",
      body: { systemInstruction: { parts: [{ text: "Be brief" }] }, contents: [content] },
    });
    expect(asked(gemini({ parts: [{ text: "Hi" }] }))?.turn).toBe("Hi");
    expect(asked(gemini({ role: "user", parts: [{ text: "Hi" }] }))?.turn).toBe("Hi");
    expect(asked(gemini({ role: "model", parts: [{ text: "Hi" }] }))).toBeUndefined();
  });
});
