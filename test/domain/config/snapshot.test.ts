import { describe, expect, it } from "vitest";
import { compile } from "../../../src/domain/config/snapshot.ts";
import type { ModelTable } from "../../../src/domain/config/targets.ts";
import { parseConfig } from "../../../src/domain/config/validate.ts";

const table: ModelTable = (kind, upstream) =>
  kind === "openai" && upstream === "known"
    ? {
        price: { input: 1, output: 2 },
        context: 1_000,
        maxOutput: 100,
        capabilities: new Set(["tools", "reasoning"] as const),
      }
    : undefined;

function snapshotOf(document: object) {
  const parsed = parseConfig(document, { allowPrivate: false });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return compile(parsed.value, { version: 7, table });
}

const providers = { p: { kind: "openai" } };
const targetOf = (model: object, more: object = {}) =>
  snapshotOf({ providers, models: { m: { provider: "p", ...model } }, ...more }).targets.get("m");

describe("a target", () => {
  it("has every default of config.md where nothing is said", () => {
    expect(targetOf({})).toEqual({
      model: "m",
      provider: "p",
      kind: "openai",
      dialect: "openai-chat",
      upstream: "m",
      baseUrl: undefined,
      credentials: [],
      headers: {},
      timeouts: {
        headers_ms: 10_000,
        first_token_ms: 12_000,
        idle_ms: 20_000,
        response_ms: 120_000,
        total_ms: 600_000,
      },
      maxRetries: 2,
      price: undefined,
      context: undefined,
      maxOutput: undefined,
      capabilities: new Set(["tools", "vision", "json", "code"]),
      tier: undefined,
      region: undefined,
      breaker: {
        enabled: true,
        volume: 20,
        failure_rate: 0.5,
        slow_rate: 0.8,
        consecutive: 5,
        open_ms: 15_000,
        max_open_ms: 300_000,
      },
      limits: [],
    });
  });

  it("takes timeouts and repeats from the model over the provider over resilience, each field apart", () => {
    const target = snapshotOf({
      providers: { p: { kind: "openai", timeouts: { idle_ms: 2, total_ms: 2 }, max_retries: 1 } },
      models: { m: { provider: "p", timeouts: { total_ms: 3 }, max_retries: 0 } },
      resilience: { timeouts: { headers_ms: 1, idle_ms: 1, total_ms: 1 }, max_retries: 5 },
    }).targets.get("m");
    expect(target?.timeouts).toEqual({
      headers_ms: 1,
      first_token_ms: 12_000,
      idle_ms: 2,
      response_ms: 120_000,
      total_ms: 3,
    });
    expect(target?.maxRetries).toBe(0);
  });

  it("waits longer for the first token of a reasoning model, unless told otherwise", () => {
    expect(targetOf({ capabilities: ["reasoning"] })?.timeouts.first_token_ms).toBe(120_000);
    expect(targetOf({ upstream: "known" })?.timeouts.first_token_ms).toBe(120_000);
    const told = targetOf(
      { capabilities: ["reasoning"] },
      { resilience: { timeouts: { first_token_ms: 5 } } },
    );
    expect(told?.timeouts.first_token_ms).toBe(5);
  });

  it("takes price, context, output cap and capabilities from the table where they are omitted", () => {
    const target = targetOf({ upstream: "known" });
    expect(target?.price).toEqual({ input: 1, output: 2 });
    expect([target?.context, target?.maxOutput]).toEqual([1_000, 100]);
    expect(target?.capabilities).toEqual(new Set(["tools", "reasoning"]));
    const own = targetOf({ upstream: "known", context: 5, max_output: 6, capabilities: [] });
    expect([own?.context, own?.maxOutput, own?.capabilities.size]).toEqual([5, 6, 0]);
  });

  it("at the built-in provider is free, unless the configuration says otherwise", () => {
    const demo = (model: object) =>
      snapshotOf({
        providers: { p: { kind: "demo" } },
        models: { m: { provider: "p", ...model } },
      }).targets.get("m")?.price;
    expect(demo({})).toEqual({ input: 0, output: 0 });
    expect(demo({ price: { input: 1, output: 2 } })).toEqual({
      input: 1_000_000,
      output: 2_000_000,
    });
  });

  it("prices in whole micro-USD a million tokens, in nano-USD each, zero staying a price", () => {
    const price = {
      input: 0.15,
      output: 0.6,
      cache_read: 0,
      image: 0.04,
      request: 0.0000015,
      above: { tokens: 200_000, input: 0.3, output: 1.2 },
    };
    expect(targetOf({ price })?.price).toEqual({
      input: 150_000,
      output: 600_000,
      cache_read: 0,
      image: 40_000_000,
      request: 1_500,
      above: { tokens: 200_000, input: 300_000, output: 1_200_000 },
    });
    expect(targetOf({ price: { input: 0, output: 0 } })?.price).toEqual({ input: 0, output: 0 });
  });

  it("names its secrets in the order in which they are tried, and its address without a last slash", () => {
    const target = snapshotOf({
      providers: {
        p: {
          kind: "anthropic",
          base_url: "https://api.example.com/",
          api_key: [{ secret: "A" }, { secret: "B" }],
          headers: { "anthropic-beta": "x" },
        },
      },
      models: { m: { provider: "p", tier: "simple", region: "eu" } },
    }).targets.get("m");
    expect(target).toMatchObject({
      dialect: "anthropic-messages",
      baseUrl: "https://api.example.com",
      credentials: ["A", "B"],
      headers: { "anthropic-beta": "x" },
      tier: "simple",
      region: "eu",
    });
  });

  it.each([
    ["openai", "openai-chat"],
    ["anthropic", "anthropic-messages"],
    ["gemini", "gemini"],
    ["workers-ai", "openai-chat"],
    ["demo", "openai-chat"],
    ["mistral", "openai-chat"],
    ["openrouter", "openai-chat"],
  ])("of kind %s speaks %s", (kind, dialect) => {
    const snapshot = snapshotOf({ providers: { p: { kind } }, models: { m: { provider: "p" } } });
    expect(snapshot.targets.get("m")?.dialect).toBe(dialect);
  });
});

describe("a provider's address", () => {
  const fault = (provider: object) => {
    const result = parseConfig({ providers: { p: provider }, models: {} }, { allowPrivate: false });
    return result.ok ? undefined : result.error[0];
  };
  it.each(["ollama", "vllm"])("is required of kind %s, which stands nowhere else", (kind) => {
    expect(fault({ kind })).toEqual({
      path: "providers.p.base_url",
      message: `required for kind ${kind}`,
    });
  });
  it.each(["demo", "workers-ai"])("is refused of kind %s, which has none", (kind) => {
    expect(fault({ kind, base_url: "https://api.example.com" })?.path).toBe("providers.p.base_url");
  });
});

describe("a snapshot", () => {
  const models = { a: { provider: "p" }, b: { provider: "p" }, c: { provider: "p" } };

  it("knows its version, the default model and the configuration's own policy", () => {
    const policy = { models: { allow: ["a"] } };
    const snapshot = snapshotOf({ providers, models, default_model: "a", policy });
    expect(snapshot).toMatchObject({ version: 7, defaultModel: "a", policy });
    expect(snapshotOf({ providers, models })).toMatchObject({
      defaultModel: undefined,
      policy: {},
    });
  });

  it("gives a model its own chain, else the one for all, never with itself in it", () => {
    const snapshot = snapshotOf({ providers, models, fallbacks: { a: ["c"], "*": ["b", "c"] } });
    expect(snapshot.fallbacksFor("a")).toEqual(["c"]);
    expect(snapshot.fallbacksFor("b")).toEqual(["c"]);
    expect(snapshot.fallbacksFor("c")).toEqual(["b"]);
    expect(snapshot.fallbacksFor("constructor")).toEqual(["b", "c"]);
  });

  it("says whether some route goes by how hard a task is", () => {
    const tiers = { simple: ["a"], moderate: ["b"], complex: ["c"] };
    const judging = { auto: { strategy: "complexity", tiers } };
    const plain = { auto: { strategy: "priority", models: ["a"] } };
    expect(snapshotOf({ providers, models, routes: judging }).judgesTasks).toBe(true);
    expect(snapshotOf({ providers, models, routes: plain }).judgesTasks).toBe(false);
    expect(snapshotOf({ providers, models }).judgesTasks).toBe(false);
  });

  it("has no chain where none is configured, and an empty one wins over the one for all", () => {
    expect(snapshotOf({ providers, models }).fallbacksFor("a")).toEqual([]);
    const snapshot = snapshotOf({ providers, models, fallbacks: { a: [], "*": ["b"] } });
    expect(snapshot.fallbacksFor("a")).toEqual([]);
  });
});
