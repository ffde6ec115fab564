import { describe, expect, it } from "vitest";
import { compile } from "../../../src/domain/config/snapshot.ts";
import { parseConfig } from "../../../src/domain/config/validate.ts";
import { warningsFor } from "../../../src/domain/config/warnings.ts";

const free = { price: { input: 0, output: 0 } };
const none: readonly string[] = [];

function warningsOf(document: object, set: readonly string[] = none) {
  const parsed = parseConfig(document, { allowPrivate: false });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const snapshot = compile(parsed.value, { version: 1, etag: "", table: () => undefined });
  return warningsFor(snapshot, (name) => set.includes(name)).map((w) => [w.path, w.code]);
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

  it("tells a model whose price nobody knows, and not one that is free", () => {
    const more = { demo: { provider: "p" }, x: { provider: "q" } };
    expect(warningsOf({ providers, models: { ...models, ...more } })).toEqual([
      ["models.x.price", "model_not_priced"],
    ]);
  });
});
