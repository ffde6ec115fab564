import { describe, expect, it } from "vitest";
import { chat } from "../../src/pipeline/chat.ts";
import { embeddings } from "../../src/pipeline/embeddings.ts";
import { models } from "../../src/pipeline/models.ts";
import { askFor, createStage } from "../support/pipeline.ts";

const config = {
  providers: { d: { kind: "demo" }, x: { kind: "anthropic", api_key: { secret: "UNSET" } } },
  models: {
    demo: { provider: "d" },
    "demo-embedding": { provider: "d" },
    claude: { provider: "x" },
  },
  policy: { models: { deny: ["secret-*"] } },
};
const messages = [{ role: "user", content: "hi" }];
const stage = () => createStage(config, () => "unreachable");

describe("the plan", () => {
  it.each([
    ["no model and no default", { messages }, "invalid_parameter", "model"],
    ["an unknown model", { model: "nope", messages }, "model_not_found", "model"],
    ["no messages", { model: "demo" }, "invalid_parameter", "messages"],
    [
      "an output cap that is text",
      { model: "demo", messages, max_tokens: "5" },
      "invalid_parameter",
      "max_tokens",
    ],
    [
      "an output cap below one",
      { model: "demo", messages, max_tokens: -1 },
      "invalid_parameter",
      "max_tokens",
    ],
    [
      "half a token",
      { model: "demo", messages, max_tokens: 1.5 },
      "invalid_parameter",
      "max_tokens",
    ],
    ["a huge n", { model: "demo", messages, n: 1_000_000 }, "invalid_parameter", "n"],
    [
      "a target whose secret is unset",
      { model: "claude", messages, max_tokens: 5 },
      "misconfigured",
      "UNSET",
    ],
  ])("is refused for %s", async (_name, body, code, param) => {
    const on = stage();
    expect(await chat(on.deps, askFor(on, body))).toMatchObject({
      ok: false,
      failure: { code, param },
    });
  });

  it("names an unknown fallback", async () => {
    const on = stage();
    const ask = askFor(on, { model: "demo", messages }, { wishes: { fallback: ["ghost"] } });
    expect(await chat(on.deps, ask)).toMatchObject({
      failure: { code: "model_not_found", details: { model: "ghost" } },
    });
  });

  it("refuses a model that a level does not allow", async () => {
    const on = stage();
    const plain = askFor(on, { model: "demo", messages });
    const ask = {
      ...plain,
      caller: { ...plain.caller, policies: [{ models: { allow: ["other"] } }] },
    };
    expect(await chat(on.deps, ask)).toMatchObject({ failure: { code: "model_not_allowed" } });
    expect(models(await on.deps.settings.current(), ask.caller)).toEqual([]);
  });

  it("refuses embeddings of a provider that has none", async () => {
    const on = stage();
    const ask = askFor(on, { model: "claude", input: "x" }, { endpoint: "embeddings" });
    expect(await embeddings(on.deps, ask)).toMatchObject({
      failure: { code: "unsupported_parameter" },
    });
  });

  it("answers from the built-in provider without a network", async () => {
    const on = stage();
    const reply = await embeddings(
      on.deps,
      askFor(on, { model: "demo-embedding", input: ["a", "b"] }),
    );
    expect(reply.ok && JSON.parse(String(reply.body)).data).toHaveLength(2);
    expect(on.sent).toEqual([]);
  });
});

describe("round-robin", () => {
  // A plan was made for each share of the budget, and each took a turn: of three models one had all requests.
  it.each(["shadow", "on"])("gives a request one turn, budget routing %s", async (mode) => {
    const budget = { middle: ["one"], cheapest: ["everybody"] };
    const on = createStage(
      {
        providers: { d: { kind: "demo" } },
        models: Object.fromEntries(
          ["one", "two", "three"].map((model) => [
            model,
            { provider: "d", upstream: "demo", price: { input: 1, output: 1 } },
          ]),
        ),
        routes: { everybody: { strategy: "round-robin", models: ["one", "two", "three"] } },
        policy: {
          limits: { mode: "on", rules: [{ unit: "usd", per: "day", max: 1 }] },
          routing: { mode, budget },
        },
      },
      () => "unreachable",
    );
    const served: (string | undefined)[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const reply = await chat(on.deps, askFor(on, { model: "everybody", messages }));
      served.push(reply.headers["x-headgate-model"]);
    }
    expect(served.toSorted()).toEqual(["one", "three", "two"]);
  });
});
