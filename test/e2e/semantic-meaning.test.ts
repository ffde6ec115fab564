import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CacheWorld, cacheWorld, type Told } from "../support/cache-world.ts";
import { type EmbeddingServer, startEmbeddingServer } from "../support/embedding-server.ts";
import { type Journey, startJourney } from "../support/journey.ts";
import { configFor } from "../support/upstream-config.ts";
import { says } from "../support/wordings.ts";

/** What docs/CACHING.md advises with an embedding model. */
const POLICY = {
  mode: "on",
  ttl: 400_000,
  semantic: { mode: "on", embedder: "encoder", max_error: 0.05 },
};
const DAY = 86_400;

let encoder: EmbeddingServer;
let journey: Journey;
beforeAll(async () => {
  encoder = await startEmbeddingServer();
  journey = await startJourney({
    models: ["ok"],
    config: (upstream) => {
      const { providers, models } = configFor(upstream, ["ok"]);
      const kind = { kind: "openai", api_key: { secret: "OPENAI_API_KEY" } };
      return {
        providers: { ...providers, encoder: { ...kind, base_url: `${encoder.url}/v1` } },
        models: {
          ...models,
          encoder: { provider: "encoder", upstream: "use-lite", price: { input: 0.02, output: 0 } },
        },
      };
    },
  });
});
afterAll(async () => {
  await Promise.all([journey?.dispose(), encoder?.dispose()]);
});

const BEIJING = "What's the weather in Beijing today";

/** Until the index has what was kept: that begins when the answer has left. */
const indexed = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));

/** Asked, and found by other wordings from then on. */
const primed = async (world: CacheWorld, turn: string): Promise<Told> => {
  const told = await world.ask(says(turn));
  expect([told.status, told.cache]).toEqual([200, "miss"]);
  await indexed();
  return told;
};

describe("with an embedding model that knows meaning", () => {
  it("another wording is given the answer, and told how alike the two are", async () => {
    const world = await cacheWorld(journey, POLICY);
    const first = await primed(world, BEIJING);
    const second = await world.ask(says("Today's Beijing weather?"));
    expect([second.status, second.cache, second.text]).toEqual([200, "semantic", first.text]);
    expect(second.headers.get("x-headgate-similarity")).toBe("0.84");
    const row = await world.rowOf(second);
    expect(row).toMatchObject({ cache: "semantic", attempts: 0, output_tokens: 0 });
    expect(row["similarity"]).toBeCloseTo(0.8372, 3);
    // The tokens of the wording, as the model counts them, and no others.
    expect(encoder.asked).toEqual([[BEIJING], ["Today's Beijing weather?"]]);
    expect(row["input_tokens"]).toBe(6);
  });

  it.each([
    ["of another place", "What's the weather in Shanghai today"],
    ["of another place in other words", "Today's Shanghai weather?"],
    ["that is denied", "What's the weather not like in Beijing today"],
    ["of another day", "What's the weather in Beijing tomorrow"],
    ["of another day in other words", "Tomorrow's Beijing weather?"],
    ["of no day", "Beijing weather?"],
  ])("a question %s is not", async (_, other) => {
    const world = await cacheWorld(journey, POLICY);
    await primed(world, BEIJING);
    const told = await world.ask(says(other));
    expect([told.status, told.cache]).toEqual([200, "miss"]);
    // What was kept is there to be found.
    expect((await world.ask(says("Today's Beijing weather?"))).cache).toBe("semantic");
  });
});

describe("the vectors of such a model", () => {
  it("reach a client alike as numbers and as base64, several at a time, with what they cost", async () => {
    const input = [BEIJING, "Today's Beijing weather?"];
    const create = (encoding_format: "base64" | "float") =>
      journey.openai.embeddings.create({ model: "encoder", input, encoding_format });
    const [numbers, packed] = [await create("float"), await create("base64")];
    const [one = [], other = []] = numbers.data.map(({ embedding }) => embedding);
    expect(one).toHaveLength(512);
    expect(one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0)).toBeCloseTo(0.837, 3);
    const bytes = (text: unknown): Float32Array =>
      new Float32Array(Uint8Array.from(Buffer.from(String(text), "base64")).buffer);
    expect([...bytes(packed.data[1]?.embedding)]).toEqual(other);
    expect(packed.usage).toEqual({ prompt_tokens: 14, total_tokens: 14 });
  });
});

describe("an answer of today", () => {
  const expiries = async (): Promise<ReadonlyMap<string, number | undefined>> => {
    const store = await journey.gateway.miniflare.getKVNamespace("KV");
    const { keys } = await store.list();
    return new Map(keys.map(({ name, expiration }) => [name, expiration]));
  };
  const midnight = (): number => (Math.floor(Date.now() / 1_000 / DAY) + 1) * DAY;

  it("is kept for equal and for like questions until the day ends; one of any day for its `ttl`", async () => {
    const world = await cacheWorld(journey, POLICY);
    // Its key is published with its first request.
    await primed(world, "Who are you?");
    const keptFor = async (turn: string): Promise<readonly number[]> => {
      const before = await expiries();
      await primed(world, turn);
      const after = await expiries();
      return [...after].flatMap(([name, at]) => (before.has(name) || at === undefined ? [] : [at]));
    };
    const ends = midnight();
    const today = await keptFor(BEIJING);
    expect(today).toHaveLength(2);
    // Nothing is kept in KV for less than a minute: the entry itself says when it ends.
    for (const at of today) expect(at).toBeLessThanOrEqual(Math.max(ends, midnight()) + 60);
    const always = await keptFor("What is a gateway?");
    for (const at of always) expect(at).toBeGreaterThan(ends + DAY);
    expect(always).toHaveLength(2);
  });
});
