import { describe, expect, it } from "vitest";
import { planned, snapshotOf } from "./stage.ts";

const on = snapshotOf({
  default_model: "auto",
  models: {
    a: { provider: "p", capabilities: ["tools"] },
    b: { provider: "q", capabilities: ["tools", "vision"] },
    c: { provider: "r", capabilities: ["vision"] },
    "embed-1": { provider: "p", upstream: "embed", capabilities: ["embeddings"] },
    "embed-2": { provider: "q", upstream: "embed", capabilities: ["embeddings"] },
    "embed-x": { provider: "r", capabilities: ["embeddings"] },
  },
  routes: {
    auto: { strategy: "priority", models: ["a", "b"] },
    eyes: { strategy: "priority", models: ["*"], require: ["vision"] },
    nobody: { strategy: "priority", models: ["a"], require: ["audio"] },
    smart: {
      strategy: "complexity",
      tiers: { simple: ["a"], moderate: ["b"], complex: ["c"] },
    },
    vectors: { strategy: "priority", models: ["embed-1", "embed-2", "embed-x"] },
  },
  fallbacks: { "*": ["b", "c"], a: ["c", "a", "b"], auto: ["c"] },
});

describe("the plan's names", () => {
  it.each([
    ["a model", "b", "direct", ["b", "c"]],
    ["a model with a chain of its own", "a", "direct", ["a", "c", "b"]],
    ["a route", "eyes", "eyes", ["b", "c"]],
    ["a route and what follows it", "auto", "auto", ["a", "b", "c"]],
    ["nothing, and the default", undefined, "auto", ["a", "b", "c"]],
  ])("are resolved: %s", (_what, model, route, models) => {
    expect(planned(on, { model })).toMatchObject({ route, models, requested: model ?? "auto" });
  });

  it("say the tier and the reasons of a complexity route", () => {
    const body = { messages: [{ role: "user", content: "Translate to French: good morning" }] };
    expect(planned(on, { model: "smart", body })).toMatchObject({
      route: expect.stringMatching(/^smart;tier=simple;reasons=routine(,[a-z_]+)*$/),
      models: ["a", "b", "c"],
    });
  });

  it.each([
    ["an empty name", { model: "" }, { code: "invalid_parameter", param: "model" }],
    ["a number", { model: 7 }, { code: "invalid_parameter", param: "model" }],
    [
      "an unknown name",
      { model: "ghost" },
      { code: "model_not_found", param: "model", details: { model: "ghost" } },
    ],
    [
      "an unknown fallback",
      { model: "a", fallback: ["b", "ghost"] },
      { code: "model_not_found", param: "fallback_models", details: { model: "ghost" } },
    ],
    [
      "a name of every object",
      { model: "constructor" },
      { code: "model_not_found", details: { model: "constructor" } },
    ],
    ["a route that nobody can fill", { model: "nobody", fallback: [] }, { code: "misconfigured" }],
  ])("are refused: %s", (_what, asked, failure) => {
    expect(planned(on, asked)).toMatchObject(failure);
  });

  it("are an invalid parameter where none is given and none is the default", () => {
    const bare = snapshotOf({ models: { a: { provider: "p" } } });
    expect(planned(bare, {})).toMatchObject({ code: "invalid_parameter", param: "model" });
  });
});

describe("what follows the requested name", () => {
  it("is the caller's list instead of the chain", () => {
    expect(planned(on, { model: "a", fallback: ["b"] })).toMatchObject({ models: ["a", "b"] });
  });

  it("can be routes too, and nobody comes twice", () => {
    expect(planned(on, { model: "c", fallback: ["auto", "b", "c"] })).toMatchObject({
      models: ["c", "a", "b"],
    });
  });

  it("is nothing where the caller says none", () => {
    expect(planned(on, { model: "a", fallback: "none" })).toMatchObject({ models: ["a"] });
  });

  it("leaves out who cannot do what is asked, but never the caller's own choice", () => {
    const body = {
      messages: [{ role: "user", content: "hi" }],
      tools: [{ type: "function", function: { name: "f" } }],
    };
    expect(planned(on, { model: "c", body })).toMatchObject({ models: ["c", "b"] });
  });

  it("serves where the route itself cannot", () => {
    const snapshot = snapshotOf({
      models: { small: { provider: "p", context: 100 }, large: { provider: "q" } },
      routes: { tiny: { strategy: "priority", models: ["small"] } },
      fallbacks: { tiny: ["large"] },
    });
    const body = { messages: [{ role: "user", content: "word ".repeat(1_000) }] };
    expect(planned(snapshot, { model: "tiny", body })).toMatchObject({ models: ["large"] });
    expect(planned(snapshot, { model: "tiny", body, fallback: "none" })).toMatchObject({
      code: "context_length_exceeded",
    });
  });

  it("has the operation that is asked for", () => {
    const serves = ({ model }: { model: string }) => model !== "b";
    expect(planned(on, { model: "a", serves })).toMatchObject({ models: ["a", "c"] });
    expect(planned(on, { model: "b", serves })).toMatchObject({
      code: "unsupported_parameter",
      param: "model",
    });
  });
});

describe("a plan for embeddings", () => {
  const body = { input: "a text" };
  it("stays with one upstream model", () => {
    const asked = { body, embeddings: true };
    expect(
      planned(on, { ...asked, model: "embed-2", fallback: ["embed-x", "embed-1"] }),
    ).toMatchObject({ models: ["embed-2", "embed-1"] });
    const serves = ({ model }: { model: string }) => model !== "embed-1";
    expect(planned(on, { ...asked, model: "embed-1", serves })).toMatchObject({
      code: "unsupported_parameter",
    });
    expect(planned(on, { ...asked, model: "vectors" })).toMatchObject({
      models: ["embed-1", "embed-2"],
    });
  });
});

describe("a request that has nowhere else to go", () => {
  it("is not read", () => {
    const body = new Proxy(
      {},
      {
        get: () => {
          throw new Error("read");
        },
      },
    );
    expect(planned(on, { model: "a", body, fallback: "none" })).toMatchObject({ models: ["a"] });
  });
});
