import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CacheWorld, cacheWorld } from "../support/cache-world.ts";
import { type Journey, startJourney } from "../support/journey.ts";
import { on } from "../support/limited.ts";

const FAULTY = "status-503-times-3";

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({
    models: ["ok", FAULTY, "status-500", "cut-after-5"],
    config: {
      fallbacks: { "openai-status-503-times-3": ["openai-ok"] },
      routes: { any: { strategy: "priority", models: ["openai-ok", "anthropic-ok"] } },
      resilience: { max_retries: 0 },
      canaries: [{ id: "all", baseline: "gemini-ok", candidate: "anthropic-ok", percent: 100 }],
    },
  });
});
afterAll(() => journey?.dispose());

const ON = { mode: "on" };
/** As long as anything may take that is told after an answer. */
const POLLED = { timeout: 10_000, interval: 25 };

type Used = Record<string, unknown>;

const used = async ({ key }: CacheWorld): Promise<Used> => {
  const answer = await fetch(`${journey.gateway.url}/v1/key`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const { limits } = (await answer.json()) as { limits: Record<string, unknown>[] };
  return Object.fromEntries(limits.map(({ unit, used }) => [unit, used]));
};

/** What is used when the ends of so many requests have been told; those under way are only held. */
const usedOnce = async (world: CacheWorld, requests: number): Promise<Used> => {
  let found: Used = {};
  const count = async (): Promise<number> => {
    found = await used(world);
    return Number(found["requests"]);
  };
  await expect.poll(count, POLLED).toBe(requests);
  return found;
};

describe("a hit", () => {
  const SMALL = { max_tokens: 100 };

  /** Asks new things until the budget is spent; how often that went well. */
  const spend = async ({ ask }: CacheWorld): Promise<number> => {
    for (let seed = 1; seed < 20; seed += 1) {
      const { status } = await ask({ ...SMALL, seed });
      if (status === 402) return seed - 1;
      expect(status).toBe(200);
    }
    throw new Error("the budget has no end");
  };

  it("counts as one request and no tokens, and is still given when the budget is spent", async () => {
    const rules = [
      { unit: "requests", per: "day", max: 100 },
      { unit: "usd", per: "day", max: 0.001 },
    ];
    const world = await cacheWorld(journey, ON, on(...rules));
    expect((await world.ask(SMALL)).cache).toBe("miss");
    const one = Number((await usedOnce(world, 1))["usd"]);
    expect((await world.ask(SMALL)).cache).toBe("hit");
    const others = await spend(world);
    const given = await world.ask(SMALL);
    expect([given.status, given.cache]).toEqual([200, "hit"]);
    // Nobody is asked for him: that no money is left does not matter, and he has used up nothing.
    const only = await world.ask({ ...SMALL, seed: 99 }, { "x-headgate-cache": "only" });
    expect(only.status).toBe(504);
    const told = await usedOnce(world, 1 + others + 2);
    expect(Number(told["usd"])).toBeCloseTo((1 + others) * one, 9);
  });

  it("is refused where the limit on requests is used up", async () => {
    const world = await cacheWorld(journey, ON, on({ unit: "requests", per: "day", max: 2 }));
    await world.ask();
    expect((await world.ask()).cache).toBe("hit");
    const refused = await world.ask();
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([
      429,
      "rate_limit_requests",
    ]);
  });

  it("is given while every provider is down", async () => {
    const world = await cacheWorld(journey, ON);
    await world.ask();
    const force = (state: string) =>
      journey.gateway.adminJson("POST", "/providers/openai-ok/breaker", { state });
    await force("isolated");
    try {
      expect((await world.ask({ seed: 2 })).status).toBe(503);
      expect(await world.ask()).toMatchObject({ status: 200, cache: "hit" });
    } finally {
      await force("auto");
    }
  });

  it("is what reports say of it", async () => {
    const world = await cacheWorld(journey, ON);
    const first = await world.ask();
    for (let count = 0; count < 3; count += 1) await world.ask();
    const cost = Number((await world.rowOf(first))["cost_usd"]);
    const report = () => journey.gateway.adminJson("GET", `/usage?org=${world.org}`);
    await expect.poll(report, POLLED).toMatchObject({ total_requests: 4 });
    const found = await report();
    expect(found).toMatchObject({ total_requests: 4, cached_requests: 3, cache_hit_rate: 0.75 });
    expect(found["total_cost_usd"]).toBeCloseTo(cost, 9);
    expect(found["cost_saved_by_cache_usd"]).toBeCloseTo(3 * cost, 9);
  });
});

describe("a purge", () => {
  it("of a model, an organisation, or all is true at once and on record", async () => {
    const [world, other] = [await cacheWorld(journey, ON), await cacheWorld(journey, ON)];
    const seen = async (model: string, of = world) => (await of.ask({ model })).cache;
    const purge = async (query: string) =>
      (await journey.gateway.admin("DELETE", `/cache${query}`)).status;
    const prime = async () => {
      for (const model of ["openai-ok", "anthropic-ok", "any"]) await seen(model);
      await seen("openai-ok", other);
    };
    await prime();
    expect(await purge(`?org=${world.org}&model=openai-ok`)).toBe(204);
    expect(await seen("openai-ok")).toBe("miss");
    expect(await seen("anthropic-ok")).toBe("hit");
    // The route's answer was that model's.
    expect(await seen("any")).toBe("miss");
    expect(await seen("openai-ok", other)).toBe("hit");
    expect(await purge(`?org=${world.org}`)).toBe(204);
    expect(await seen("anthropic-ok")).toBe("miss");
    expect(await seen("openai-ok", other)).toBe("hit");
    await prime();
    expect(await purge("")).toBe(204);
    expect([await seen("openai-ok"), await seen("openai-ok", other)]).toEqual(["miss", "miss"]);
    expect([await seen("openai-ok"), await seen("openai-ok", other)]).toEqual(["hit", "hit"]);
  });

  it("of an organisation that is not there is 404, and of a field that is not one 400", async () => {
    expect((await journey.gateway.admin("DELETE", "/cache?org=nobody")).status).toBe(404);
    expect((await journey.gateway.admin("DELETE", "/cache?team=a")).status).toBe(400);
  });
});

describe("what is not kept", () => {
  // faults.md F83
  it.each([
    ["an answer that was cut off by its cap", { max_tokens: 5 }],
    [
      "a call of a tool",
      { tools: [{ type: "function", function: { name: "look", parameters: { type: "object" } } }] },
    ],
    ["an error", { model: "openai-status-500" }],
    ["a stream that broke off", { model: "openai-cut-after-5", stream: true }],
    ["a stream that was cut off by its cap", { max_tokens: 5, stream: true }],
  ])("%s", async (_, body) => {
    const { ask } = await cacheWorld(journey, ON);
    await ask(body);
    expect((await ask(body)).cache).toBe("miss");
  });

  it("is an answer of a stand-in under the name of the model that it stood in for", async () => {
    const { ask } = await cacheWorld(journey, ON);
    const stoodIn = await ask({ model: `openai-${FAULTY}` });
    expect(stoodIn.headers.get("x-headgate-fallback-from")).toBe(`openai-${FAULTY}`);
    expect((await ask({ model: `openai-${FAULTY}` })).cache).toBe("miss");
    expect((await ask({ model: "openai-ok" })).cache).toBe("hit");
  });

  it("is a candidate's answer under its baseline's name", async () => {
    const { ask } = await cacheWorld(journey, ON);
    const led = await ask({ model: "gemini-ok" });
    expect(led.headers.get("x-headgate-model")).toBe("anthropic-ok");
    expect((await ask({ model: "gemini-ok" })).cache).toBe("miss");
    expect((await ask({ model: "anthropic-ok" })).cache).toBe("hit");
  });
});

describe("tenants", () => {
  // faults.md F81, bars.md P13
  it("never see each other's answers, whole or streamed", async () => {
    const [one, other] = [await cacheWorld(journey, ON), await cacheWorld(journey, ON)];
    for (const body of [{ seed: 8 }, { seed: 9, stream: true }]) {
      for (const again of [false, true]) {
        const told = await one.ask(body);
        expect([told.status, told.cache]).toEqual([200, again ? "hit" : "miss"]);
      }
      expect((await other.ask(body)).cache).toBe("miss");
    }
  });

  it("whose keys may not use the model that answered are not given its answer", async () => {
    const world = await cacheWorld(journey, ON);
    await world.ask({ model: "any" });
    const key = await world.makeKey({ policy: { models: { deny: ["openai-*"] } } });
    const told = await world.ask({ model: "any" }, {}, key);
    expect(told.cache).not.toBe("hit");
    expect(told.headers.get("x-headgate-model")).not.toBe("openai-ok");
  });
});
