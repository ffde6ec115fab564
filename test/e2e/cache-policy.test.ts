import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cacheWorld } from "../support/cache-world.ts";
import { askedDuring, type Journey, startJourney } from "../support/journey.ts";

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({ models: ["ok"] });
});
afterAll(() => journey?.dispose());

const ON = { mode: "on" };

describe("the policy", () => {
  it("caches only what is deterministic, or everything", async () => {
    const careful = await cacheWorld(journey, ON);
    for (const body of [{ temperature: 1 }, { temperature: undefined }]) {
      expect((await careful.ask(body)).cache).toBe("bypass");
      expect((await careful.ask(body)).cache).toBe("bypass");
    }
    const seeded = { temperature: 1, seed: 7 };
    expect((await careful.ask(seeded)).cache).toBe("miss");
    expect((await careful.ask(seeded)).cache).toBe("hit");
    const always = await cacheWorld(journey, { ...ON, when: "always" });
    expect((await always.ask({ temperature: 1 })).cache).toBe("miss");
    expect((await always.ask({ temperature: 1 })).cache).toBe("hit");
  });

  it("that is off, or names other models, says so", async () => {
    const off = await cacheWorld(journey, { mode: "off" });
    await off.ask();
    expect((await off.ask()).cache).toBe("off");
    const others = await cacheWorld(journey, { ...ON, models: ["gemini-*"] });
    expect((await others.ask()).cache).toBe("off");
    expect((await others.ask({ model: "gemini-ok" })).cache).toBe("miss");
  });

  it("in shadow records what it would have done, and does nothing", async () => {
    const { ask, rowOf } = await cacheWorld(journey, { mode: "shadow" });
    const first = await ask();
    const asked = await askedDuring(journey, async () => {
      const second = await ask();
      expect([first.cache, second.cache]).toEqual(["off", "off"]);
      expect(await rowOf(first)).toMatchObject({ shadow: [] });
      expect(await rowOf(second)).toMatchObject({
        ...{ cache: "off", attempts: 1 },
        shadow: [{ section: "cache", decision: "hit" }],
      });
    });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ["org", [true, true, true]],
    ["team", [true, false, false]],
    ["key", [false, false, false]],
  ])("with scope %s shares as it says", async (scope, [sameTeam, otherTeam, noTeam]) => {
    const world = await cacheWorld(journey, { ...ON, scope });
    for (const id of ["red", "blue"]) {
      await journey.gateway.adminJson("POST", `/orgs/${world.org}/teams`, { id, name: id });
    }
    const [red, redToo, blue] = await Promise.all([
      world.makeKey({ team: "red" }),
      world.makeKey({ team: "red" }),
      world.makeKey({ team: "blue" }),
    ]);
    await world.ask({}, {}, red);
    const seen = async (key?: string) => (await world.ask({}, {}, key)).cache;
    expect(await seen(red)).toBe("hit");
    expect(await seen(redToo)).toBe(sameTeam ? "hit" : "miss");
    expect(await seen(blue)).toBe(otherTeam ? "hit" : "miss");
    expect(await seen()).toBe(noTeam ? "hit" : "miss");
  });

  it("with scope user keeps end users apart", async () => {
    const { ask } = await cacheWorld(journey, { ...ON, scope: "user" });
    const seen = async (user: string) => (await ask({ user })).cache;
    expect([await seen("ann"), await seen("bob")]).toEqual(["miss", "miss"]);
    expect([await seen("ann"), await seen("bob")]).toEqual(["hit", "hit"]);
  });
});

describe("the caller", () => {
  it("who says off is neither given nor leaves anything", async () => {
    const { ask } = await cacheWorld(journey, ON);
    const off = { "x-headgate-cache": "off" };
    expect((await ask({}, off)).cache).toBe("bypass");
    expect((await ask({ use_cache: false })).cache).toBe("bypass");
    expect((await ask()).cache).toBe("miss");
    expect((await ask({}, off)).cache).toBe("bypass");
  });

  it("who says refresh is answered anew, and so is everybody after him", async () => {
    const { ask } = await cacheWorld(journey, ON);
    const first = await ask();
    const asked = await askedDuring(journey, async () => {
      const anew = await ask({}, { "x-headgate-cache": "refresh" });
      expect(anew.cache).toBe("miss");
      const hit = await ask();
      expect([hit.cache, hit.text]).toEqual(["hit", anew.text]);
      expect(hit.text).toBe(first.text);
    });
    expect(asked).toHaveLength(1);
  });

  it("who says only is given what is there, and else 504 without a call", async () => {
    const { ask, rowOf } = await cacheWorld(journey, ON);
    const only = { "x-headgate-cache": "only" };
    const asked = await askedDuring(journey, async () => {
      const missed = await ask({}, only);
      expect(missed.status).toBe(504);
      expect(missed.headers.get("x-should-retry")).toBe("false");
      expect(JSON.parse(missed.text)).toMatchObject({ error: { code: "cache_miss" } });
      expect(await rowOf(missed)).toMatchObject({ cache: "miss", attempts: 0, cost_usd: null });
      expect((await ask({ temperature: 1, headgate: { cache: "only" } })).status).toBe(504);
    });
    expect(asked).toHaveLength(0);
    await ask();
    expect(await ask({}, only)).toMatchObject({ status: 200, cache: "hit" });
  });

  it("who takes only young answers is given no older one, and no ttl is longer than the policy's", async () => {
    const { ask } = await cacheWorld(journey, { ...ON, ttl: 2 });
    await ask({ seed: 1 });
    await ask({ seed: 2 }, { "x-headgate-cache-ttl": "3600" });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect((await ask({ seed: 1 }, { "x-headgate-cache-ttl": "1" })).cache).toBe("miss");
    expect((await ask({ seed: 2 })).cache).toBe("hit");
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect((await ask({ seed: 2 })).cache).toBe("miss");
  });
});
