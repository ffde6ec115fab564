import { describe, expect, it } from "vitest";
import { allowedFor, type Cacheable } from "../../../src/policy/cache/allowed.ts";
import { cacheRulesFor } from "../../../src/policy/cache/rules.ts";

const request = (more: Partial<Cacheable> = {}): Cacheable => ({
  endpoint: "chat",
  dialect: "openai-chat",
  model: "gpt-x",
  body: { temperature: 0 },
  wish: undefined,
  ...more,
});
const on = cacheRulesFor([{ cache: { mode: "on" } }]);
const always = cacheRulesFor([{ cache: { mode: "on", when: "always" } }]);

describe("whether a request may be answered from the cache", () => {
  it.each([
    ["temperature 0", { temperature: 0 }, undefined],
    ["a seed", { temperature: 1, seed: 7 }, undefined],
    ["neither", {}, "bypass"],
    ["temperature 0.1", { temperature: 0.1 }, "bypass"],
    ["a null for a seed", { seed: null }, "bypass"],
  ] as const)("deterministic: %s", (_, body, refused) => {
    expect(allowedFor(on, request({ body })).refused).toBe(refused);
  });

  it("Gemini says its temperature in the generation's configuration", () => {
    for (const name of ["generationConfig", "generation_config"]) {
      const body = { [name]: { temperature: 0 } };
      expect(allowedFor(on, request({ dialect: "gemini", body })).refused).toBeUndefined();
    }
    const outside = request({ dialect: "gemini", body: { temperature: 0 } });
    expect(allowedFor(on, outside).refused).toBe("bypass");
  });

  it("embeddings are always the same", () => {
    expect(allowedFor(on, request({ endpoint: "embeddings", body: {} })).refused).toBeUndefined();
  });

  it("a count of tokens is not kept", () => {
    const counting = request({ endpoint: "count_tokens" });
    expect(allowedFor(always, counting)).toMatchObject({ refused: "bypass", read: false });
  });

  it("where all requests may, one without a temperature may too", () => {
    expect(allowedFor(always, request({ body: {} })).refused).toBeUndefined();
  });

  it.each([
    [undefined, true, true, undefined],
    ["off", false, false, "bypass"],
    ["refresh", false, true, undefined],
    ["only", true, false, undefined],
  ] as const)("wish %s: reads %s, writes %s", (wish, read, write, refused) => {
    expect(allowedFor(on, request({ wish }))).toMatchObject({ read, write, refused });
  });

  it("a policy that is off is told before the wish", () => {
    const off = cacheRulesFor([]);
    expect(allowedFor(off, request({ wish: "off" }))).toMatchObject({ refused: "off" });
  });

  it("only the models that the policy names", () => {
    const some = cacheRulesFor([{ cache: { mode: "on", models: ["gpt-*", "support"] } }]);
    expect(allowedFor(some, request()).refused).toBeUndefined();
    expect(allowedFor(some, request({ model: "claude" }))).toMatchObject({ refused: "off" });
  });

  it.each([
    ["openai-chat", { web_search_options: {} }],
    ["openai-chat", { tools: [{ type: "web_search" }] }],
    ["openai-chat", { tools: [{ type: "function" }, { type: "web_search" }] }],
    ["openai-chat", { plugins: [{ id: "web" }] }],
    ["openai-chat", { search_parameters: { mode: "auto" } }],
    ["openai-chat", { enable_search: true }],
    ["anthropic-messages", { tools: [{ type: "web_search_20250305", name: "web_search" }] }],
    ["anthropic-messages", { tools: [{ name: "f" }, { type: "web_search_20250305" }] }],
    ["anthropic-messages", { mcp_servers: [{ url: "x" }] }],
    ["anthropic-messages", { container: "c" }],
    ["gemini", { tools: [{ googleSearch: {} }] }],
    ["gemini", { tools: [{ functionDeclarations: [] }, { codeExecution: {} }] }],
    ["gemini", { tools: [{ functionDeclarations: [], googleSearch: {} }] }],
  ] as const)("what the provider does itself is new each time: %s %o", (dialect, body) => {
    expect(allowedFor(always, request({ dialect, body }))).toMatchObject({ refused: "bypass" });
  });

  it.each([
    ["openai-chat", { tools: [{ type: "function", function: { name: "f" } }] }],
    ["anthropic-messages", { tools: [{ name: "f", input_schema: {} }] }],
    ["gemini", { tools: [{ functionDeclarations: [{ name: "f" }] }] }],
  ] as const)("the caller's own tools change nothing: %s", (dialect, body) => {
    expect(allowedFor(always, request({ dialect, body })).refused).toBeUndefined();
  });
});
