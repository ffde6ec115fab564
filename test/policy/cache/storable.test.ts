import { describe, expect, it } from "vitest";
import type { FinishReason, Part } from "../../../src/domain/chat.ts";
import { type AnswerFacts, MOST_BYTES, unstorable } from "../../../src/policy/cache/storable.ts";
import { answerOf } from "./stage.ts";

const fine: AnswerFacts = {
  status: 200,
  complete: true,
  recovered: false,
  guarded: false,
  bytes: 100,
};

describe("F83: which answers are kept", () => {
  it("a whole one that ended by itself", () => {
    expect(unstorable(fine, answerOf())).toBeUndefined();
  });

  it.each([
    ["status", { status: 500 }],
    ["status", { status: 429 }],
    ["status", { status: 400 }],
    ["status", { status: 206 }],
    ["incomplete", { complete: false }],
    ["recovered", { recovered: true }],
    ["guarded", { guarded: true }],
    ["too_large", { bytes: MOST_BYTES + 1 }],
  ] as const)("never: %s", (reason, change) => {
    expect(unstorable({ ...fine, ...change }, answerOf())).toBe(reason);
  });

  it.each<[FinishReason, string | undefined]>([
    ["stop", undefined],
    ["stop_sequence", undefined],
    ["length", "truncated"],
    ["context_window", "truncated"],
    ["tool_calls", "tool_calls"],
    ["content_filter", "filtered"],
    ["refusal", "filtered"],
    ["pause", "unfinished"],
    ["unknown", "unfinished"],
  ])("an answer that ended by %s: %s", (finish_reason, reason) => {
    expect(unstorable(fine, answerOf({ finish_reason }))).toBe(reason);
  });

  it.each<[string, Part]>([
    ["filtered", { type: "refusal", text: "No." }],
    ["tool_calls", { type: "tool_call", id: "1", name: "f", arguments: "{}" }],
    ["tool_calls", { type: "opaque", dialect: "gemini", raw: {} }],
    ["media", { type: "audio", format: "wav", data: "" }],
  ])("with text and a part that makes it %s: not at all", (reason, part) => {
    const content: Part[] = [{ type: "text", text: "Hi" }, part];
    expect(unstorable(fine, answerOf({ content }))).toBe(reason);
  });

  it("not one without words, and not one of which one alternative was cut", () => {
    expect(unstorable(fine, answerOf({ content: [{ type: "text", text: "" }] }))).toBe("empty");
    expect(unstorable(fine, { ...answerOf(), choices: [] })).toBe("empty");
    const [good] = answerOf().choices;
    const [cut] = answerOf({ index: 1, finish_reason: "length" }).choices;
    const choices = [good, cut].flatMap((choice) => choice ?? []);
    expect(unstorable(fine, { ...answerOf(), choices })).toBe("truncated");
  });

  it("embeddings, which have no words, by their facts alone", () => {
    expect(unstorable(fine, undefined)).toBeUndefined();
    expect(unstorable({ ...fine, status: 400 }, undefined)).toBe("status");
  });
});
