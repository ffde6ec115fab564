import { describe, expect, it } from "vitest";
import { compile } from "../../../src/domain/config/snapshot.ts";
import { parseConfig } from "../../../src/domain/config/validate.ts";
import { warningsFor } from "../../../src/domain/config/warnings.ts";

const free = { price: { input: 0, output: 0 } };
const none: readonly string[] = [];

function warningsOf(document: object, set: readonly string[] = none, hasVectorize = false) {
  const parsed = parseConfig(document, { allowPrivate: false });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const snapshot = compile(parsed.value, { version: 1, table: () => undefined });
  const isSet = (name: string): boolean => set.includes(name);
  return warningsFor(snapshot, isSet, hasVectorize).map(({ path, code }) => [path, code]);
}

describe("a warning", () => {
  it("tells each secret that is not set, by its name and place", () => {
    const providers = {
      a: { kind: "openai", api_key: { secret: "A" } },
      b: { kind: "openai", api_key: [{ secret: "A" }, { secret: "B" }] },
    };
    expect(warningsOf({ providers, models: {} })).toEqual([
      ["providers.a.api_key.secret", "secret_unset"],
      ["providers.b.api_key[0].secret", "secret_unset"],
      ["providers.b.api_key[1].secret", "secret_unset"],
    ]);
    expect(warningsOf({ providers, models: {} }, ["A"])).toEqual([
      ["providers.b.api_key[1].secret", "secret_unset"],
    ]);
    expect(warningsOf({ providers, models: {} }, ["A", "B"])).toEqual([]);
  });

  it("tells a provider without a key where its kind needs one", () => {
    expect(warningsOf({ providers: { a: { kind: "groq" } }, models: {} })).toEqual([
      ["providers.a.api_key", "api_key_missing"],
    ]);
    expect(warningsOf({ providers: { a: { kind: "demo" } }, models: {} })).toEqual([]);
    const own = { kind: "openai", base_url: "https://llm.example.com/v1" };
    expect(warningsOf({ providers: { a: own }, models: {} })).toEqual([]);
  });

  const providers = { p: { kind: "demo" }, q: { kind: "workers-ai" } };
  const models = {
    p1: { provider: "p", ...free },
    p2: { provider: "p", ...free },
    q1: { provider: "q", ...free },
  };

  it("tells an index in Vectorize that this deployment does not have, where it would be used", () => {
    const policy = (mode: string, index: string) => ({
      ...{ providers: {}, models: {} },
      policy: { cache: { mode: "on", semantic: { mode, index } } },
    });
    for (const mode of ["on", "shadow"]) {
      expect(warningsOf(policy(mode, "vectorize"))).toEqual([
        ["policy.cache.semantic.index", "vectorize_unbound"],
      ]);
    }
    expect(warningsOf(policy("off", "vectorize"))).toEqual([]);
    expect(warningsOf(policy("on", "object"))).toEqual([]);
    expect(warningsOf(policy("on", "vectorize"), none, true)).toEqual([]);
  });

  it("tells each rule that counts in a Redis which nobody has set, where it counts at all", () => {
    const shared = { unit: "requests", per: "minute", max: 5, kind: "sliding", store: "upstash" };
    const policy = (mode: string) => ({
      ...{ providers: {}, models: {} },
      policy: { limits: { mode, rules: [{ ...shared, store: "object" }, shared] } },
    });
    for (const mode of ["on", "shadow"]) {
      expect(warningsOf(policy(mode))).toEqual([["policy.limits.rules[1].store", "upstash_unset"]]);
    }
    expect(warningsOf(policy("off"))).toEqual([]);
    expect(warningsOf(policy("on"), ["UPSTASH_REDIS_REST_URL"])).toEqual([]);
  });

  it.each([
    [{ p1: ["p2"] }, ["fallbacks.p1"]],
    [{ p1: ["p2", "q1"] }, []],
    [{ p1: ["q1"] }, []],
    [{ p1: [] }, []],
    [{ "*": ["p1"] }, ["fallbacks.*"]],
    [{ "*": ["p1", "q1"] }, []],
    [{ "*": ["p1"], p1: ["q1"], p2: ["q1"] }, []],
  ])("tells a chain that stays with one provider: %j", (fallbacks, paths) => {
    expect(warningsOf({ providers, models, fallbacks })).toEqual(
      paths.map((path) => [path, "single_provider_chain"]),
    );
  });

  // A provider without a model counted for a route of all models, and `valueOf` was found where no model is.
  it.each([
    [{ all: ["p1"] }, { all: { strategy: "priority", models: ["*"] } }, ["fallbacks.all"]],
    [{ p1: ["valueOf"] }, { valueOf: { strategy: "priority", models: ["p2"] } }, ["fallbacks.p1"]],
  ])("tells it of a chain through a route: %j", (fallbacks, routes, paths) => {
    const { p1, p2 } = models;
    expect(warningsOf({ providers, models: { p1, p2 }, routes, fallbacks })).toEqual(
      paths.map((path) => [path, "single_provider_chain"]),
    );
  });

  it("tells a model whose price nobody knows, and not one that is free", () => {
    const more = { demo: { provider: "p" }, x: { provider: "q" } };
    expect(warningsOf({ providers, models: { ...models, ...more } })).toEqual([
      ["models.x.price", "model_not_priced"],
    ]);
  });
});
