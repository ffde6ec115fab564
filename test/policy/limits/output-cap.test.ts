import { describe, expect, it } from "vitest";
import type { DialectName } from "../../../src/domain/dialect-name.ts";
import { outputAsked } from "../../../src/policy/limits/output-asked.ts";
import { outputCapFor } from "../../../src/policy/limits/output-cap.ts";
import { said, sizesFor, targetOf } from "./hold-stage.ts";

describe("the output that a body orders", () => {
  it.each<[DialectName, Record<string, unknown>, number | undefined, number]>([
    ["openai-chat", {}, undefined, 1],
    ["openai-chat", { max_tokens: 5 }, 5, 1],
    ["openai-chat", { max_tokens: 5, max_completion_tokens: 9 }, 9, 1],
    ["openai-chat", { max_tokens: 9, max_completion_tokens: 5, n: 3 }, 9, 3],
    ["openai-chat", { max_tokens: 0, n: 0 }, 0, 1],
    ["anthropic-messages", { max_tokens: 5, n: 3 }, 5, 1],
    ["gemini", { max_tokens: 5, n: 3 }, undefined, 1],
    ["gemini", { generationConfig: { maxOutputTokens: 5, candidateCount: 2 } }, 5, 2],
    ["gemini", { generation_config: { max_output_tokens: 7, candidate_count: 4 } }, 7, 4],
    ["gemini", { generationConfig: "none" }, undefined, 1],
  ])("in %s: %j", (dialect, body, cap, answers) => {
    expect(outputAsked(dialect, body)).toEqual({ cap, answers });
  });

  it.each([-1, 1.5, "7", Number.NaN, 2 ** 60, null])("is not said by %j", (value) => {
    const body = { max_tokens: value, max_completion_tokens: 9, n: value };
    expect(outputAsked("openai-chat", body)).toEqual({ cap: 9, answers: 1 });
  });
});

describe("the cap on one answer", () => {
  const short = said("What is the tide?");
  const long = said("tide and time ".repeat(2_000));
  const capOf = (body: Record<string, unknown>, maxOutput?: number, context?: number) =>
    outputCapFor(targetOf({ maxOutput, context }), sizesFor(body));

  it.each([
    [500, undefined, undefined, 500],
    [500, 100, undefined, 100],
    [500, undefined, 200, 200],
    [50, 100, 200, 50],
  ])(
    "is the stated %i, up to what the model can write and hold: %j, %j",
    (stated, max, of, cap) => {
      expect(capOf({ ...short, max_tokens: stated }, max, of)).toBe(cap);
    },
  );

  it("is not known where nobody says how long an answer may be", () => {
    expect(capOf(short)).toBeUndefined();
  });

  it("is the longest answer where the context has room for it, or is not known", () => {
    expect(capOf(long, 16_384)).toBe(16_384);
    expect(capOf(short, 16_384, 128_000)).toBe(16_384);
    expect(capOf(short, 128_000, 128_000)).toBeLessThan(128_000);
  });

  it("is what the context leaves beside an input that is a third larger than it seems", () => {
    const room = 20_000 - Math.ceil(1.3 * sizesFor(long).estimate());
    expect(room).toBeGreaterThan(1_024);
    expect(capOf(long, 16_384, 20_000)).toBe(room);
    expect(capOf(long, undefined, 20_000)).toBe(room);
    expect(capOf(long, room - 1, 20_000)).toBe(room - 1);
  });

  it("is a thousand tokens where the input seems to leave none, in a context that has as many", () => {
    expect(capOf(long, 16_384, 4_096)).toBe(1_024);
    expect(capOf(long, 16_384, 800)).toBe(800);
  });
});
