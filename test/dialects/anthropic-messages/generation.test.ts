import { describe, expect, it } from "vitest";
import { generationOf } from "../../../src/dialects/anthropic-messages/generation.ts";

const traits = (model: string): string =>
  Object.entries(generationOf(model))
    .filter(([, has]) => has)
    .map(([trait]) => trait)
    .join(" ");

describe("what a model takes goes by its name", () => {
  it.each([
    ["claude-2.1", "sampling twoSamplers"],
    ["claude-3-5-sonnet-20241022", "sampling twoSamplers"],
    ["claude-3-7-sonnet-latest", "sampling twoSamplers"],
    ["claude-sonnet-4-20250514", "sampling twoSamplers"],
    ["claude-opus-4-1-20250805", "sampling structured"],
    ["claude-sonnet-4-5-20250929", "sampling structured"],
    ["anthropic.claude-haiku-4-5-20251001-v1:0", "sampling structured"],
    ["claude-opus-4-5@20251101", "sampling structured"],
    ["claude-opus-4-6", "adaptive sampling structured"],
    ["anthropic/claude-opus-4.7", "adaptive structured"],
    ["claude-opus-4-8", "adaptive systemTurns structured"],
    ["claude-fable-5", "adaptive systemTurns structured"],
    ["claude-haiku-5-5", "adaptive systemTurns structured"],
    ["claude-mythos-preview", "adaptive systemTurns structured"],
    ["kimi-k2", "sampling twoSamplers structured"],
  ])("%s: %s", (model, expected) => {
    expect(traits(model)).toBe(expected);
  });
});
