import { describe, expect, it } from "vitest";
import { plainMessages } from "../../../src/policy/limits/plain-body.ts";

const SAID = { role: "user", content: "What is the tide?" };
const TEXT = { type: "text", text: "What is the tide?" };
const IMAGE = { type: "image_url", image_url: { url: "https://example.com/tide.png" } };
const withPart = (...content: unknown[]) => ({ messages: [SAID, { role: "user", content }] });

describe("a body of nothing but text", () => {
  it.each([
    ["messages in text", { messages: [SAID, SAID], model: "m", temperature: 0 }, 2],
    ["texts in parts", withPart(TEXT, TEXT), 2],
    ["names of speakers", { messages: [{ ...SAID, name: "ann" }] }, 1],
    ["no message", { messages: [] }, 0],
  ])("has so many messages: %s", (_, body, messages) => {
    expect(plainMessages("openai-chat", body)).toBe(messages);
  });

  it.each([
    ["a text", "Be brief."],
    ["parts", [TEXT]],
  ])("has the system's as one more: %s", (_, system) => {
    const body = { messages: [SAID], system };
    expect(plainMessages("anthropic-messages", body)).toBe(2);
    // OpenAI's dialect has no such field: nobody knows what a server makes of it.
    expect(plainMessages("openai-chat", body)).toBeUndefined();
  });
});

describe("a body that may hold more", () => {
  it.each<[string, Record<string, unknown>]>([
    ["no messages", {}],
    ["messages that are no list", { messages: "What is the tide?" }],
    ["a message that is none", { messages: [SAID, "What is the tide?"] }],
    ["a message without a text", { messages: [SAID, { role: "assistant", content: null }] }],
    ["an unknown field", { messages: [SAID], plugins: [] }],
    ["tools", { messages: [SAID], tools: [] }],
    ["an unknown field of a message", { messages: [{ ...SAID, audio: { id: "a" } }] }],
    ["an image beside a text", withPart(TEXT, IMAGE)],
    ["an image", withPart(IMAGE)],
    ["a part that is none", withPart("What is the tide?")],
    ["a part of another type", withPart({ ...TEXT, type: "refusal" })],
    ["a part whose text is none", withPart({ ...TEXT, text: { sealed: "x" } })],
    ["a part with a mark", withPart({ ...TEXT, cache_control: { type: "ephemeral" } })],
    ["one object for the content", { messages: [{ role: "user", content: TEXT }] }],
  ])("has no number of messages: %s", (_, body) => {
    expect(plainMessages("openai-chat", body)).toBeUndefined();
    expect(plainMessages("anthropic-messages", body)).toBeUndefined();
  });

  it("has none where the system's text has a mark", () => {
    const system = [{ ...TEXT, cache_control: { type: "ephemeral" } }];
    expect(plainMessages("anthropic-messages", { messages: [SAID], system })).toBeUndefined();
  });

  it("is every body of a dialect that nobody speaks yet", () => {
    expect(plainMessages("gemini", { messages: [SAID] })).toBeUndefined();
  });
});
