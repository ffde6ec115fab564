import { describe, expect, it } from "vitest";
import type { ProviderKind } from "../../../src/domain/target.ts";
import { encodingOf, type Family, familyOf } from "../../../src/policy/tokens/families.ts";

describe("familyOf", () => {
  const rows: readonly (readonly [ProviderKind, string, Family])[] = [
    ["openai", "gpt-4o-mini", "gpt-4"],
    ["openai", "gpt-3.5-turbo-0125", "gpt-4"],
    ["openai", "text-embedding-3-small", "gpt-4"],
    ["openai", "gpt-5.4-mini", "gpt-5"],
    ["openai", "o4-mini", "gpt-5"],
    ["openai", "gpt-4o-search-preview", "searching"],
    ["groq", "openai/gpt-oss-120b", "gpt-oss"],
    ["anthropic", "claude-3-5-haiku-20241022", "claude-4"],
    ["anthropic", "claude-sonnet-4-20250514", "claude-4"],
    ["anthropic", "claude-opus-4-1", "claude-4"],
    ["anthropic", "claude-opus-4-1-20250805", "claude-4"],
    ["anthropic", "claude-sonnet-4-5-20250929", "claude"],
    ["anthropic", "claude-opus-4-8", "claude"],
    ["anthropic", "a-new-name", "claude"],
    ["openrouter", "anthropic/claude-haiku-4.5", "claude"],
    ["openrouter", "openai/o3", "gpt-5"],
    ["gemini", "gemini-2.5-pro", "gemini"],
    ["mistral", "pixtral-large-latest", "mistral"],
    ["together", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "llama"],
    ["workers-ai", "@cf/meta/llama-4-scout-17b-16e-instruct", "llama-4"],
    ["workers-ai", "@cf/qwen/qwq-32b", "qwen"],
    ["xai", "grok-4.3", "grok"],
    ["vllm", "my-model", "other"],
  ];
  it.each(rows)("counts %s's %s as %s", (kind, upstream, family) => {
    expect(familyOf(kind, upstream)).toBe(family);
  });
});

describe("encodingOf", () => {
  it.each([
    ["gpt-3.5-turbo", "cl100k_base"],
    ["gpt-4", "cl100k_base"],
    ["gpt-4-turbo", "cl100k_base"],
    ["text-embedding-3-large", "cl100k_base"],
    ["gpt-4o", "o200k_base"],
    ["gpt-4.1", "o200k_base"],
    ["gpt-5", "o200k_base"],
    ["claude-sonnet-5", "o200k_base"],
  ])("counts %s in %s", (upstream, encoding) => {
    expect(encodingOf(upstream)).toBe(encoding);
  });
});
