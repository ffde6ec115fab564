import { describe, expect, it } from "vitest";
import { embeddings } from "../../src/pipeline/embeddings.ts";
import type { Deps } from "../../src/ports.ts";
import { askFor, createStage, textOf } from "../support/pipeline.ts";

const price = { input: 1, output: 0 };
const config = {
  default_model: "vectors",
  providers: {
    g: { kind: "gemini", base_url: "https://g.example", api_key: { secret: "G" } },
    o: { kind: "openai", base_url: "https://o.example/v1" },
  },
  models: {
    vectors: { provider: "g", upstream: "gemini-embedding", price },
    same: { provider: "o", upstream: "gemini-embedding", price },
    other: { provider: "o", upstream: "text-embedding-x", price },
  },
};
const gemini = JSON.stringify({ embeddings: [{ values: [0.5, 0.25] }] });
const openai = JSON.stringify({
  object: "list",
  data: [{ object: "embedding", index: 0, embedding: [0.1] }],
  model: "upstream-says",
  novelty: 1,
});

const asked = async (body: Record<string, unknown>, answer: string, status = 200) => {
  const stage = createStage(config, () => ({ body: answer, status }), { G: "key" });
  const reply = await embeddings(stage.deps, askFor(stage, body, { endpoint: "embeddings" }));
  return { stage, reply, text: reply.ok ? await textOf(reply.body) : "" };
};

describe("an embeddings answer", () => {
  // OpenAI's clients read usage.prompt_tokens, and Gemini's older models report none.
  it("of a provider that counts nothing has the gateway's own count, which says that it is one", async () => {
    const { stage, reply, text } = await asked({ input: "one two three four" }, gemini);
    expect(JSON.parse(text)).toEqual({
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: [0.5, 0.25] }],
      model: "gemini-embedding",
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
    expect(reply.headers).toMatchObject({
      "x-headgate-estimated": "true",
      "x-headgate-cost-usd": "0.000004",
    });
    expect(stage.records[0]).toMatchObject({ estimated: true, usage: { input_tokens: 4 } });
  });

  it("of a provider that counts has its count, zero too", async () => {
    const counted = JSON.stringify({
      ...JSON.parse(gemini),
      usageMetadata: { promptTokenCount: 0 },
    });
    const { stage, reply, text } = await asked({ input: "one two" }, counted);
    expect(JSON.parse(text)).toMatchObject({ usage: { prompt_tokens: 0 } });
    expect(reply.headers).not.toHaveProperty("x-headgate-estimated");
    expect(stage.records[0]).toMatchObject({ estimated: false, usage: { input_tokens: 0 } });
  });

  it("in the caller's dialect leaves byte for byte, whatever it lacks", async () => {
    const { stage, text } = await asked({ model: "other", input: [[1, 2], [3]] }, openai);
    expect(text).toBe(openai);
    expect(stage.records[0]).toMatchObject({ estimated: true, usage: { input_tokens: 3 } });
  });

  it("is recorded under the model that the provider says has served, where it says one", async () => {
    const said = await asked({ model: "other", input: "x" }, openai);
    expect(said.stage.records[0]).toMatchObject({ upstream_model: "upstream-says" });
    const unsaid = await asked({ input: "x" }, gemini);
    expect(unsaid.stage.records[0]).toMatchObject({ upstream_model: undefined });
  });

  it("names what did not cross to a provider of another dialect", async () => {
    const { reply } = await asked({ input: "x", user: "u", metadata: { a: "b" } }, gemini);
    expect(reply.headers).toMatchObject({ "x-headgate-dropped": "user, metadata" });
  });
});

describe("an embeddings request", () => {
  // A field that means nothing there was taken for tokens to come: below zero it gave others' quota back.
  it("takes of a provider's quota what it reads, whatever else it names", async () => {
    const needs: unknown[] = [];
    for (const more of [{}, { max_tokens: -1_000_000 }]) {
      const stage = createStage(config, () => ({ body: openai }));
      const health: Deps["health"] = {
        ...stage.deps.health,
        admit: (target, org, need) => {
          needs.push(need.tokens);
          return stage.deps.health.admit(target, org, need);
        },
      };
      const body = { model: "other", input: "x".repeat(400), ...more };
      await embeddings({ ...stage.deps, health }, askFor(stage, body, { endpoint: "embeddings" }));
    }
    for (const need of needs) expect(need).toBeGreaterThan(100);
  });
});

describe("an embeddings request that fails", () => {
  // A 200 that held no vectors was given to the caller, charged and kept for the next who asked.
  it.each([
    ["other", "{}"],
    ["other", JSON.stringify({ hello: 1 })],
    ["vectors", JSON.stringify({ hello: 1 })],
  ])("%s: a 200 of %s holds no vectors and is no answer", async (model, answer) => {
    const { stage, reply } = await asked({ model, input: "x" }, answer);
    expect(reply).toMatchObject({ ok: false, failure: { code: "upstream_invalid" } });
    expect(stage.records[0]).toMatchObject({ error_code: "upstream_invalid" });
  });

  it("goes on to the same model elsewhere and to no other", async () => {
    const stage = createStage(
      { ...config, resilience: { max_retries: 0 } },
      ({ url }) =>
        url.includes("g.example") ? { status: 500, body: "{}" } : { status: 200, body: openai },
      { G: "key" },
    );
    const wishes = { fallback: ["other", "same"] };
    const ask = askFor(stage, { input: "x" }, { endpoint: "embeddings", wishes });
    expect((await embeddings(stage.deps, ask)).ok).toBe(true);
    expect(stage.sent.map(({ url }) => new URL(url).host)).toEqual(["g.example", "o.example"]);
    expect(JSON.parse(String(stage.sent[1]?.body))).toMatchObject({ model: "gemini-embedding" });
    expect(stage.records[0]).toMatchObject({ model: "same", fallback_from: "vectors" });
  });
});
