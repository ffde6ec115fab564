import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cacheWorld } from "../support/cache-world.ts";
import { askedDuring, type Journey, startJourney } from "../support/journey.ts";
import { TEXT } from "../support/upstream-answer.ts";

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({ models: ["ok"] });
});
afterAll(() => journey?.dispose());

const ON = { mode: "on" };
const QUESTION = [{ role: "user", content: "What is a gateway?" }] as const;
describe("an equal request", () => {
  it("is answered to the byte from the cache, for nothing, and is told so", async () => {
    const { ask, rowOf } = await cacheWorld(journey, ON);
    const first = await ask();
    expect([first.status, first.cache, first.age]).toEqual([200, "miss", null]);
    const asked = await askedDuring(journey, async () => {
      const second = await ask();
      expect([second.status, second.cache, second.text]).toEqual([200, "hit", first.text]);
      expect(Number(second.age)).toBeGreaterThanOrEqual(0);
      expect(Object.fromEntries(second.headers)).toMatchObject({
        "x-headgate-attempts": "0",
        "x-headgate-cost-usd": "0",
        "x-headgate-model": "openai-ok",
        "x-headgate-provider": "openai",
        "server-timing": expect.stringContaining("cache;dur="),
      });
      const paid = await rowOf(first);
      expect(await rowOf(second)).toMatchObject({
        ...{ cache: "hit", status: 200, attempts: 0, cost_usd: 0, input_tokens: 0 },
        ...{ output_tokens: 0, model: "openai-ok", upstream_model: paid["upstream_model"] },
        saved_usd: paid["cost_usd"],
      });
      expect(paid).toMatchObject({ cache: "miss", saved_usd: 0, attempts: 1 });
    });
    expect(asked).toHaveLength(0);
  });

  it("is one whose fields come in another order, and not one that asks for something else", async () => {
    const { ask } = await cacheWorld(journey, ON);
    await ask();
    const turned = { messages: QUESTION, user: "u1", metadata: { a: "b" }, temperature: 0 };
    expect((await ask(turned)).cache).toBe("hit");
    for (const other of [
      { temperature: 0, seed: 1 },
      { temperature: 0, max_tokens: 10 },
      { messages: [{ role: "system", content: "Be brief." }, ...QUESTION] },
      { model: "anthropic-ok" },
      { response_format: { type: "json_object" } },
    ]) {
      expect((await ask(other)).cache).toBe("miss");
    }
  });

  it("lies in KV, where no word of it can be read", async () => {
    const { ask } = await cacheWorld(journey, ON);
    expect((await ask()).text).toContain("gateway");
    const kv = await journey.gateway.miniflare.getKVNamespace("KV");
    const { keys } = await kv.list({ prefix: "cache/1/" });
    expect(keys.length).toBeGreaterThan(0);
    for (const { name } of keys) {
      const bytes = Buffer.from((await kv.get(name, "arrayBuffer")) ?? new ArrayBuffer(0));
      expect(bytes.toString("latin1")).not.toContain("gateway");
    }
  });
});

describe("the official clients", () => {
  it("of OpenAI are given a whole answer as a stream, and a stream as a whole answer", async () => {
    const world = await cacheWorld(journey, ON);
    const client = new OpenAI({
      baseURL: `${journey.gateway.url}/v1`,
      apiKey: world.key,
      maxRetries: 0,
    });
    const asked = { model: "openai-ok", temperature: 0, messages: [...QUESTION] };
    const streamed = async (seed: number) => {
      const options = { include_usage: true };
      const body = { ...asked, seed, stream: true, stream_options: options } as const;
      const chunks = [];
      for await (const chunk of await client.chat.completions.create(body)) chunks.push(chunk);
      const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
      return { text, last: chunks.at(-1) };
    };
    const whole = await client.chat.completions.create({ ...asked, seed: 1 });
    const asStream = await streamed(1);
    expect(asStream.text).toBe(TEXT);
    expect(asStream.last).toMatchObject({
      usage: whole.usage,
      headgate: { cache: "hit", cost_usd: 0, attempts: 0, model: "openai-ok" },
    });
    const fresh = await streamed(2);
    expect(fresh.last).toMatchObject({ headgate: { cache: "miss", attempts: 1 } });
    const { data, response } = await client.chat.completions
      .create({ ...asked, seed: 2 })
      .withResponse();
    expect(response.headers.get("x-headgate-cache")).toBe("hit");
    expect(data.choices[0]?.message.content).toBe(TEXT);
    expect(data.usage).toMatchObject({
      prompt_tokens: fresh.last?.usage?.prompt_tokens,
      completion_tokens: fresh.last?.usage?.completion_tokens,
    });
  });

  it.each(["anthropic-ok", "openai-ok", "gemini-ok"])(
    "of Anthropic are given what %s has said, in either form",
    async (model) => {
      const { key } = await cacheWorld(journey, ON);
      const client = new Anthropic({ baseURL: journey.gateway.url, apiKey: key, maxRetries: 0 });
      const asked = { model, temperature: 0, max_tokens: 500, messages: [...QUESTION] };
      const asStream = async (system: string) => client.messages.stream({ ...asked, system });
      const textOf = (message: Anthropic.Message): string =>
        message.content.map((part) => (part.type === "text" ? part.text : "")).join("");
      const fresh = await client.messages.create({ ...asked, system: "A" });
      const replay = await (await asStream("A")).finalMessage();
      expect(textOf(replay)).toBe(TEXT);
      expect(replay.usage).toMatchObject({ output_tokens: fresh.usage.output_tokens });
      expect(replay.stop_reason).toBe("end_turn");
      const stream = await (await asStream("B")).finalMessage();
      const asked2 = client.messages.create({ ...asked, system: "B" });
      const { data, response } = await asked2.withResponse();
      expect(response.headers.get("x-headgate-cache")).toBe("hit");
      expect([textOf(stream), textOf(data)]).toEqual([TEXT, TEXT]);
      expect(data.usage.output_tokens).toBe(stream.usage.output_tokens);
    },
  );

  it("of OpenAI are given the same embeddings, whoever the end user is", async () => {
    const { at } = await cacheWorld(journey, ON);
    const asked = { model: "openai-ok", input: "a text" };
    const first = await at("/v1/embeddings", asked);
    const second = await at("/v1/embeddings", { ...asked, user: "another" });
    expect([first.cache, second.cache, second.text]).toEqual(["miss", "hit", first.text]);
    expect((await at("/v1/embeddings", { ...asked, encoding_format: "base64" })).cache).toBe(
      "miss",
    );
  });
});
