import { describe, expect, it } from "vitest";
import type { ProviderKind } from "../../../src/domain/target.ts";
import { lookupModel, PRICE_VERSION } from "../../../src/policy/usage/model-table.ts";

describe("lookupModel", () => {
  it("reads a line into price, sizes and capabilities", () => {
    expect(lookupModel("anthropic", "claude-sonnet-4-5")).toEqual({
      price: {
        input: 3_000_000,
        output: 15_000_000,
        cache_read: 300_000,
        cache_write: 3_750_000,
        cache_write_1h: 6_000_000,
        above: { tokens: 200_000, input: 6_000_000, output: 22_500_000 },
      },
      context: 200_000,
      maxOutput: 64_000,
      capabilities: new Set(["json", "prefill", "reasoning", "tools", "vision"]),
    });
  });

  const aliases: readonly (readonly [ProviderKind, string, string])[] = [
    ["openai", "gpt-4o-2024-08-06", "gpt-4o"],
    ["openai", "GPT-4o-Mini", "gpt-4o-mini"],
    ["anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"],
    ["anthropic", "claude-sonnet-4-5@20250929", "claude-sonnet-4-5"],
    ["gemini", "models/gemini-2.5-pro", "gemini-2.5-pro"],
    ["gemini", "publishers/google/models/gemini-2.5-flash", "gemini-2.5-flash"],
    ["gemini", "gemini-2.0-flash-001", "gemini-2.0-flash"],
    ["openrouter", "anthropic/claude-sonnet-4-5", "anthropic/claude-sonnet-4.5"],
    ["together", "deepseek-ai/DeepSeek-V3", "deepseek-ai/deepseek-v3"],
  ];
  it.each(aliases)("finds %s's %s as %s", (kind, alias, name) => {
    expect(lookupModel(kind, alias)).toBeDefined();
    expect(lookupModel(kind, alias)).toBe(lookupModel(kind, name));
  });

  it("prefers a dated version's own price to the undated one's", () => {
    expect(lookupModel("openai", "gpt-4o-2024-05-13")?.price?.input).toBe(5_000_000);
    expect(lookupModel("openai", "gpt-4o")?.price?.input).toBe(2_500_000);
  });

  it("knows sizes of a model whose price the sources dispute, and no price", () => {
    const known = lookupModel("mistral", "ministral-8b-latest");
    expect(known).toBeDefined();
    expect(known?.price).toBeUndefined();
  });

  const unknown: readonly (readonly [ProviderKind, string])[] = [
    ["openai", "gpt-none"],
    ["openai", "ft:gpt-4o-2024-08-06:org::id"],
    ["openai", "models/gpt-4o"],
    ["openai", "constructor"],
    ["openai", "claude-sonnet-4-5"],
    ["vllm", "gpt-4o"],
    ["demo", "demo"],
  ];
  it.each(unknown)("knows nothing of %s's %s", (kind, name) => {
    expect(lookupModel(kind, name)).toBeUndefined();
  });

  it("carries a version of date and hash", () => {
    expect(PRICE_VERSION).toMatch(/^\d{4}-\d{2}-\d{2}-[0-9a-f]{8}$/);
  });
});
