import { describe, expect, it } from "vitest";
import type { TargetHealth } from "../../src/policy/routing/health.ts";
import { type Limiter, noLimiter } from "../../src/ports-account.ts";
import { chunks, createStage, DONE } from "../support/pipeline.ts";
import { broke, CONFIG, cacheOf, said, scene, storage, whole } from "./cache-scene.ts";

describe("a kept answer", () => {
  it("is given at a spent budget where it lies in storage alone", async () => {
    const { run, ask, sent } = scene(() => whole("hello"));
    const first = await run(ask());
    const again = await run(ask(), { limiter: broke });
    expect([cacheOf(first), cacheOf(again)]).toEqual(["miss", "hit"]);
    expect(await said(again)).toBe(await said(first));
    const refused = await run(ask({ seed: 1 }), { limiter: broke });
    expect(refused).toMatchObject({ ok: false, failure: { code: "budget_exceeded" } });
    expect(sent).toHaveLength(1);
  });

  // The account counted a refusal of which nobody was ever told.
  it("at a spent budget leaves no refusal behind; without one it is counted once, with its limit", async () => {
    const { run, ask } = scene(() => whole("hello"));
    const counted: unknown[] = [];
    const asked: unknown[] = [];
    const limiter: Limiter = {
      ...broke,
      admit: (caller, admission, facts) => {
        asked.push(admission.mayBeGiven);
        return broke.admit(caller, admission, facts);
      },
      denied: (_, ...denial) => void counted.push(denial),
    };
    await run(ask());
    expect(cacheOf(await run(ask(), { limiter }))).toBe("hit");
    expect(counted).toEqual([]);
    await run(ask({ seed: 1 }), { limiter });
    expect(counted).toEqual([[402, "budget_exceeded", "key/usd/day"]]);
    // The account counts by itself whom no kept answer can help.
    await run(ask({}, { wishes: { cache: "off" } }), { limiter });
    expect(counted).toHaveLength(1);
    expect(asked).toEqual([true, undefined, true, undefined]);
  });

  // Of four answers that were at hand one left a row that nobody could match with what was asked.
  it("or none, leaves a row with the prompt's mark, however soon it is given", async () => {
    const { run, ask, rows } = scene(() => whole("hello"));
    const promptHash = () => new Promise<string>((done) => setImmediate(done, "mark"));
    await run(ask());
    await run(ask(), { promptHash });
    await run(ask({ seed: 1 }, { wishes: { cache: "only" } }), { promptHash });
    expect(rows.slice(1).map((row) => [row.cache, row.prompt_hash])).toEqual([
      ["hit", "mark"],
      ["miss", "mark"],
    ]);
  });

  it("is looked for while the account is asked", async () => {
    const order: string[] = [];
    const cache = storage();
    const { run, ask } = scene(() => whole("hello"), {
      cache: {
        ...cache,
        read: async (tenant, name) => {
          order.push("read");
          return cache.read(tenant, name);
        },
      },
      limiter: {
        ...noLimiter,
        admit: async (...asked) => {
          await Promise.resolve();
          order.push("admitted");
          return noLimiter.admit(...asked);
        },
      },
    });
    await run(ask());
    expect(order).toEqual(["read", "admitted"]);
  });

  it("that is at hand is admitted as one request and nothing else", async () => {
    const costs: unknown[] = [];
    const limiter: Limiter = {
      ...noLimiter,
      admit: (caller, admission, facts) => {
        costs.push(admission.ways[0].options[0].cost);
        return noLimiter.admit(caller, admission, facts);
      },
    };
    const { run, ask } = scene(() => whole("hello"), { cache: storage(true), limiter });
    await run(ask());
    await run(ask());
    expect(costs[0]).toMatchObject({ nanoUsd: expect.any(Number), requests: 1 });
    expect(costs[1]).toEqual({ requests: 1, tokens: 0, nanoUsd: 0, slots: 1 });
  });

  // Who found nothing had used up a request all the same.
  it("counts as one request where it is given, and as none where there is nothing", async () => {
    const ends: unknown[] = [];
    const limiter: Limiter = {
      ...noLimiter,
      end: (_, { status }, { byModel }) => void ends.push([status, Object.keys(byModel)]),
    };
    const { run, ask } = scene(() => whole("hello"), { limiter });
    const only = { wishes: { cache: "only" } } as const;
    await run(ask({}, only));
    await run(ask());
    await run(ask({}, only));
    expect(ends).toEqual([
      [504, []],
      [200, ["a"]],
      [200, ["a"]],
    ]);
  });

  it.each([
    ["another version's", () => '{"v":0}'],
    ["no JSON", () => "?"],
    ["of another name", (text: string) => text.replace('"key":"', '"key":"x')],
    ["of another dialect", (text: string) => text.replace("openai-chat", "anthropic-messages")],
  ])("that is %s is a miss", async (_, spoil) => {
    const { run, ask, cache, sent } = scene(() => whole("hello"));
    await run(ask());
    for (const [name, text] of cache.kept) cache.kept.set(name, spoil(text));
    expect(cacheOf(await run(ask()))).toBe("miss");
    expect(sent).toHaveLength(2);
  });

  it("of a request that began before a purge is not given after it", async () => {
    const { run, ask } = scene(() => whole("hello"));
    const before = ask();
    const purged = { ...before.caller, purges: { org: 1, models: {} } };
    await run(before);
    expect(cacheOf(await run(ask({}, { caller: purged })))).toBe("miss");
    expect(cacheOf(await run(ask({}, { caller: purged })))).toBe("hit");
  });

  it("of a stand-in is given under the asked name only while that one is down", async () => {
    let state: TargetHealth["state"] = "closed";
    const health = {
      ...createStage(CONFIG, () => "silent").deps.health,
      view: (target: { readonly model: string }) =>
        target.model === "a"
          ? ({ state, until: 1_700_000_060_000, ramp: 1, recentFailures: 0 } as TargetHealth)
          : undefined,
    };
    const { run, ask, sent } = scene(() => whole("from b"), { health });
    state = "open";
    const stoodIn = await run(ask());
    expect(stoodIn.headers["x-headgate-model"]).toBe("b");
    expect(cacheOf(await run(ask()))).toBe("hit");
    for (const [fallback, given] of [
      ["none", false],
      [["c"], false],
      [["b"], true],
    ] as const) {
      const only = await run(ask({}, { wishes: { fallback, cache: "only" } }));
      expect(only.ok).toBe(given);
    }
    state = "closed";
    expect(cacheOf(await run(ask()))).toBe("miss");
    expect(sent).toHaveLength(2);
  });

  it("costs a stream nothing: it is kept when the caller has all of it", async () => {
    const { run, ask, cache, clock } = scene(() => ({
      type: "text/event-stream",
      body: [chunks({ content: "he" }), 5, chunks({ content: "llo" }, { finish: "stop" }), DONE],
    }));
    const reply = await run(ask({ stream: true }));
    const reading = said(reply);
    await clock.advance(20);
    expect(await reading).toContain("llo");
    await clock.advance(1);
    expect(cache.kept.size).toBe(1);
  });
});
