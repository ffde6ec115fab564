import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CacheWorld, cacheWorld, type Told } from "../support/cache-world.ts";
import { askedDuring, type Journey, startJourney } from "../support/journey.ts";
import { ONLY, primed, reworded, says, similarityOf, untilFound } from "../support/wordings.ts";

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({ models: ["ok", "embeds", "status-500"] });
});
afterAll(() => journey?.dispose());

/** Asked, and as long ago as an index would have needed that takes what was said. */
const left = async (world: CacheWorld, turn: string): Promise<Told> => {
  const told = await world.ask(says(turn));
  await new Promise((resolve) => setTimeout(resolve, 150));
  return told;
};

/** Whose turns all keys of the organisation find, and a key of another policy among them. */
const shared = async (semantic: object) => {
  const world = await cacheWorld(journey, {
    ...{ mode: "on", scope: "org" },
    semantic: { mode: "on" },
  });
  const key = await world.makeKey({ policy: { cache: { mode: "on", scope: "org", semantic } } });
  return { world, key };
};

describe("shadow mode", () => {
  it("records what would have been given, and gives a fresh answer", async () => {
    const { world, key } = await shared({ mode: "shadow" });
    await primed(world, "What is a gateway?");
    const second = await world.ask(says("what is a gateway"), {}, key);
    expect([second.cache, similarityOf(second)]).toEqual(["miss", null]);
    const row = await world.rowOf(second, key);
    expect(row).toMatchObject({
      ...{ cache: "miss", attempts: 1, similarity: null },
      shadow: [{ section: "cache.semantic", decision: expect.stringMatching(/^hit:(0\.9|1)/) }],
    });
  });
});

describe("a share of hits", () => {
  it("is asked again instead of given", async () => {
    const { world, key } = await shared({ mode: "on", verify: 1 });
    await primed(world, "What is a gateway?");
    const asked = await askedDuring(journey, async () => {
      expect((await world.ask(says("what is a gateway"), {}, key)).cache).toBe("miss");
      // It was there to be given.
      expect((await world.ask(says("What is a GATEWAY?"))).cache).toBe("semantic");
    });
    expect(asked).toHaveLength(1);
  });
});

describe("a configured embedding model", () => {
  const withModel = (embedder: string, more: object = {}) =>
    cacheWorld(journey, { mode: "on", semantic: { mode: "on", embedder, ...more } });

  it("is asked once for a wording, paid by the request, and not for an exact hit", async () => {
    const world = await withModel("openai-embeds");
    let first: Told | undefined;
    const asked = await askedDuring(journey, async () => {
      first = await world.ask(says("What is a gateway?"));
    });
    expect(asked).toEqual(["/v1/embeddings", "/v1/chat/completions"]);
    await untilFound(() => world.ask(says(reworded("What is a gateway?")), ONLY));
    let second: Told | undefined;
    const again = await askedDuring(journey, async () => {
      second = await world.ask(says("what is a gateway"));
      expect(second.cache).toBe("semantic");
      expect((await world.ask(says("What is a gateway?"))).cache).toBe("hit");
    });
    expect(again).toEqual(["/v1/embeddings"]);
    if (first === undefined || second === undefined) return;
    const [fresh, given] = [await world.rowOf(first), await world.rowOf(second)];
    expect(given).toMatchObject({ cache: "semantic", attempts: 0, similarity: 1 });
    // One token of input at a dollar a million.
    expect(given).toMatchObject({ input_tokens: 1, output_tokens: 0, cost_usd: 0.000_001 });
    expect(fresh).toMatchObject({ cache: "miss", attempts: 1 });
    expect(given["saved_usd"]).toBeCloseTo(Number(fresh["cost_usd"]) - 0.000_001, 9);
    const third = await askedDuring(journey, async () => {
      expect((await world.ask(says("what is a gateway"))).cache).toBe("semantic");
    });
    expect(third).toEqual([]);
  });

  it("F60: that fails is a miss, and the request goes on", async () => {
    const world = await withModel("openai-status-500");
    const first = await left(world, "What is a gateway?");
    const second = await world.ask(says("what is a gateway"));
    expect([second.status, second.cache]).toEqual([200, "miss"]);
    expect(await world.rowOf(second)).toMatchObject({
      attempts: 1,
      cost_usd: (await world.rowOf(first))["cost_usd"],
    });
  });

  it("that is not configured is a miss", async () => {
    const world = await withModel("nobody");
    await left(world, "What is a gateway?");
    expect((await world.ask(says("what is a gateway"))).cache).toBe("miss");
  });

  it("is not asked for who is refused", async () => {
    const world = await cacheWorld(
      journey,
      { mode: "on", semantic: { mode: "on", embedder: "openai-embeds" } },
      { limits: { mode: "on", rules: [{ unit: "usd", per: "day", max: 0.000_000_1 }] } },
    );
    const asked = await askedDuring(journey, async () => {
      expect((await world.ask(says("What is a gateway?"))).status).not.toBe(200);
    });
    expect(asked).toEqual([]);
  });

  it("takes no room from an answer that fills its limit alone", async () => {
    const world = await cacheWorld(
      journey,
      { mode: "on", semantic: { mode: "on", embedder: "openai-embeds" } },
      { limits: { mode: "on", rules: [{ unit: "tokens", per: "minute", max: 1_000 }] } },
    );
    const asked = await askedDuring(journey, async () => {
      // Its longest answer is 4,096 tokens: all of the limit is held for it.
      expect((await world.ask(says("What is a gateway?"))).status).toBe(200);
    });
    expect(asked).toEqual(["/v1/chat/completions"]);
  });

  it("is held for and counted where money is limited", async () => {
    const world = await cacheWorld(
      journey,
      { mode: "on", semantic: { mode: "on", embedder: "openai-embeds" } },
      { limits: { mode: "on", rules: [{ unit: "usd", per: "day", max: 1 }] } },
    );
    const first = await world.ask({ ...says("What is a gateway?"), max_tokens: 50 });
    const row = await world.rowOf(first);
    const response = await fetch(`${journey.gateway.url}/v1/key`, {
      headers: { authorization: `Bearer ${world.key}` },
    });
    const { limits } = (await response.json()) as { limits: { used: number }[] };
    expect(limits[0]?.used).toBeCloseTo(Number(row["cost_usd"]), 9);
    expect(Number(row["cost_usd"])).toBeGreaterThan(0);
  });
});

describe("Vectorize", () => {
  it("that is configured and not bound finds nothing, and fails nothing", async () => {
    const world = await cacheWorld(journey, {
      mode: "on",
      semantic: { mode: "on", index: "vectorize" },
    });
    await left(world, "What is a gateway?");
    const second = await world.ask(says("what is a gateway"));
    expect([second.status, second.cache]).toEqual([200, "miss"]);
  });
});
