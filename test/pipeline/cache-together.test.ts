import { describe, expect, it } from "vitest";
import type { Policy } from "../../src/domain/config/schema.ts";
import type { Controls, Reply } from "../../src/pipeline/ask.ts";
import { chat } from "../../src/pipeline/chat.ts";
import { type Limiter, noLimiter } from "../../src/ports-account.ts";
import { chunks, DONE, type Played, usageChunk } from "../support/pipeline.ts";
import { CONFIG, said, scene, whole } from "./cache-scene.ts";

describe("of equal requests", () => {
  const STREAM: Played = {
    type: "text/event-stream",
    body: [chunks({ content: "he" }), 50, chunks({ content: "llo" }, { finish: "stop" })].concat([
      usageChunk(3, 2),
      DONE,
    ]),
  };

  it("one asks, and the row of the other says what it saved", async () => {
    const { deps, ask, clock, rows, sent } = scene(() => STREAM);
    const both = [ask({ stream: true }), ask({ stream: true })].map((asked) => chat(deps, asked));
    await clock.advance(10);
    const replies = await Promise.all(both);
    const texts = replies.map(said);
    await clock.advance(100);
    const [one, other] = await Promise.all(texts);
    expect(one).toBe(other);
    expect(replies.map(({ headers }) => headers["age"])).toEqual([undefined, "0"]);
    expect(sent).toHaveLength(1);
    const hit = rows.find(({ cache }) => cache === "hit");
    expect(hit).toMatchObject({ attempts: 0, cost_nano_usd: 0, input_tokens: 0, output_tokens: 0 });
    expect(hit?.saved_nano_usd).toBe(7_000);
  });

  // Until its answer was put away, one whose caller had it already went ahead for others still: they were
  // given what is never kept.
  it.each([
    ["cut off", { finish_reason: "length" }, "miss"],
    ["whole", {}, "hit"],
  ])(
    "one that comes when the other has its answer is given what is kept: %s",
    async (_, choice, cache) => {
      const told = (text: string): Played => {
        const message = { role: "assistant", content: text };
        const choices = [{ index: 0, message, finish_reason: "stop", ...choice }];
        return { body: JSON.stringify({ id: "c1", model: "up-a", choices }) };
      };
      const { deps, ask, clock, sent } = scene((count) => told(`answer ${count}`));
      // The clock stands still: the answer is there, and nothing of it put away.
      const { headers } = await chat(deps, ask());
      expect(headers["x-headgate-cache"]).toBe("miss");
      const second = chat(deps, ask());
      await clock.advance(10);
      expect((await second).headers["x-headgate-cache"]).toBe(cache);
      expect(sent).toHaveLength(cache === "hit" ? 1 : 2);
    },
  );

  // It was told that there is nothing, by chance: as long as the answer was on its way into the cache.
  it("one that takes only what is kept waits until that is kept, and for no answer that is to come", async () => {
    const { deps, ask, clock, sent } = scene((count) => (count === 1 ? STREAM : whole("hello")));
    const only = { wishes: { cache: "only" } } as const;
    const running = chat(deps, ask({ stream: true }));
    await clock.advance(10);
    const early = await chat(deps, ask({}, only));
    expect(early).toMatchObject({ ok: false, failure: { code: "cache_miss" } });
    await clock.advance(50);
    await said(await running);
    // The clock stands still: the answer is there, and nothing of it put away.
    expect((await chat(deps, ask({ seed: 1 }))).ok).toBe(true);
    const late = chat(deps, ask({ seed: 1 }, only));
    await clock.advance(10);
    expect((await late).headers["x-headgate-cache"]).toBe("hit");
    expect(sent).toHaveLength(2);
  });

  it("one that is left alone holds what it costs before it asks, or does not ask", async () => {
    for (const hasRoom of [true, false]) {
      const asked: unknown[] = [];
      const limiter: Limiter = {
        ...noLimiter,
        extend: async (_, __, extension) => {
          asked.push(extension.more);
          return hasRoom;
        },
      };
      const { deps, ask, clock, sent } = scene(
        (count) =>
          count === 1 ? { status: 400, body: '{"error":{"message":"no"}}' } : whole("hello"),
        { limiter },
      );
      const both = [ask(), ask()].map((each) => chat(deps, each));
      await clock.advance(2_000);
      const [first, second] = await Promise.all(both);
      expect(first?.ok).toBe(false);
      expect(second?.ok).toBe(hasRoom);
      expect(sent).toHaveLength(hasRoom ? 2 : 1);
      expect(asked[0]).toMatchObject({ nanoUsd: expect.any(Number) });
      expect(Number((asked[0] as { nanoUsd: number }).nanoUsd)).toBeGreaterThan(0);
    }
  });

  it("one goes on from what it has been given when the other breaks off", async () => {
    const { deps, ask, clock, sent } = scene((count) =>
      count === 1
        ? {
            type: "text/event-stream",
            body: [chunks({ content: "he" }), 50, "cut"],
          }
        : STREAM,
    );
    const both = [ask({ stream: true }), ask({ stream: true })].map((each) => chat(deps, each));
    await clock.advance(10);
    const texts = (await Promise.all(both)).map(said);
    await clock.advance(500);
    for (const text of await Promise.all(texts)) {
      const deltas = [...text.matchAll(/"content":"([^"]*)"/g)].map(([, delta]) => delta);
      expect(deltas.join("")).toBe("hello");
      expect(text).toContain("[DONE]");
    }
    expect(sent.length).toBeGreaterThan(1);
  });

  it("those that are left in the middle go on together, with one more call", async () => {
    const { deps, ask, clock, sent } = scene((count) =>
      count === 1
        ? { type: "text/event-stream", body: [chunks({ content: "he" }), 50, "cut"] }
        : STREAM,
    );
    const all = Array.from({ length: 6 }, () => chat(deps, ask({ stream: true })));
    await clock.advance(10);
    const texts = (await Promise.all(all)).map(said);
    await clock.advance(500);
    for (const text of await Promise.all(texts)) {
      const deltas = [...text.matchAll(/"content":"([^"]*)"/g)].map(([, delta]) => delta);
      expect(deltas.join("")).toBe("hello");
      expect(text).toContain('"recovered":{"from":"a","to":"b","at_chars":2}');
    }
    expect(sent).toHaveLength(2);
  });

  // One purge of a model, and then one of everything, were counted as the same one purge.
  it("one that comes after a purge is not given what was asked before it", async () => {
    const { deps, ask, clock, sent } = scene(() => whole("hello"));
    const { caller } = ask();
    const before = { ...caller, purges: { org: 0, models: { a: 1 } } };
    const after = { ...caller, purges: { org: 1, models: {} } };
    const both = [before, after].map((each) => chat(deps, ask({}, { caller: each })));
    await clock.advance(10);
    await Promise.all(both);
    expect(sent).toHaveLength(2);
  });

  it("one that wants a fresh answer follows nobody", async () => {
    const { deps, ask, clock, sent } = scene(() => whole("hello"));
    const fresh = ask({}, { wishes: { cache: "refresh" } });
    const both = [chat(deps, ask()), chat(deps, fresh)];
    await clock.advance(10);
    await Promise.all(both);
    expect(sent).toHaveLength(2);
  });

  // Who followed was given the answer of a model that his key may not use, as long as both asked at the same time.
  it.each<[string, readonly Policy[], Controls["fallback"]]>([
    ["whose key may not use the other's model", [{ models: { deny: ["b"] } }], undefined],
    ["that wants no fallback", [], "none"],
    ["that wants another fallback", [], ["c"]],
  ])("one %s is not given what the other's fallback says", async (_, policies, fallback) => {
    for (const played of [whole("from b"), STREAM]) {
      const { deps, ask, clock, sent } = scene((count) =>
        count === 2 ? played : { status: 500, body: "{}" },
      );
      const stream = played === STREAM;
      const other = ask({ stream }, { wishes: { fallback } });
      const caller = { ...other.caller, policies };
      const both = [ask({ stream }), { ...other, caller }].map((each) => chat(deps, each));
      await clock.advance(3_000);
      const [first, second] = await Promise.all(both);
      expect(first?.headers["x-headgate-model"]).toBe("b");
      expect(second?.ok).toBe(false);
      expect(sent.length).toBeGreaterThan(2);
    }
  });

  // Whoever followed was given an answer that another's limit had cut short.
  it.each<[string, number, object, object, number]>([
    ["whose limits leave it a longer answer is asked for", 120, {}, {}, 2],
    ["whose limits cut it at the same length follows", 1_000, {}, {}, 1],
    ["that states a cap, as the other does, follows", 120, { max_tokens: 20 }, {}, 1],
    ["of many models whose limits differ is asked for", 1_000, {}, { model: "all" }, 2],
  ])("one %s", async (_, max, cap, of, times) => {
    const rules = [{ unit: "tokens", per: "minute", max }] as const;
    const policy: Policy = { limits: { mode: "on", rules: [...rules] } };
    const models = Object.fromEntries(
      Array.from({ length: 20 }, (_each, at) => [`m${at}`, { ...CONFIG.models.a }]),
    );
    const { deps, ask, clock, sent } = scene(
      () => whole("hello"),
      {},
      {
        ...CONFIG,
        models: { ...CONFIG.models, ...models },
        routes: { all: { strategy: "priority", models: ["*"] } },
      },
    );
    const narrow = ask({ ...cap, ...of });
    const caller = { ...narrow.caller, levels: [{ place: "key", policy }] as const };
    const both = [{ ...narrow, caller }, ask({ ...cap, ...of })].map((each) => chat(deps, each));
    await clock.advance(10);
    for (const reply of await Promise.all(both)) expect(reply.ok).toBe(true);
    expect(sent).toHaveLength(times);
  });

  it.each([
    ["a stream", [true, false], STREAM],
    ["a whole answer", [false, true], whole("hello")],
  ] as const)("%s serves those of the other form, too", async (_, streams, played) => {
    const { deps, ask, clock, sent, rows } = scene(() => played);
    const both = streams.map((stream) => chat(deps, ask({ stream })));
    await clock.advance(100);
    const replies = await Promise.all(both);
    const texts = replies.map(said);
    await clock.advance(100);
    const [whole_, streamed] = await Promise.all(streams[0] ? texts.toReversed() : texts);
    expect(JSON.parse(whole_ ?? "")).toMatchObject({
      choices: [{ message: { content: "hello" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 3, completion_tokens: 2 },
    });
    const deltas = [...(streamed ?? "").matchAll(/"content":"([^"]*)"/g)].map(([, delta]) => delta);
    expect(deltas.join("")).toBe("hello");
    expect(streamed).toContain("[DONE]");
    expect(sent).toHaveLength(1);
    expect(replies.map(({ headers }) => headers["x-headgate-cache"])).toEqual(["miss", "hit"]);
    expect(rows.find(({ cache }) => cache === "hit")).toMatchObject({
      ...{ attempts: 0, cost_nano_usd: 0, saved_nano_usd: 7_000 },
    });
  });

  it("one that cannot be given the other form asks for itself", async () => {
    const cut: Played = { type: "text/event-stream", body: [chunks({ content: "he" }), 50, "cut"] };
    const { deps, ask, clock, sent } = scene((count) => (count === 1 ? cut : whole("hello")));
    const both = [chat(deps, ask({ stream: true })), chat(deps, ask())];
    await clock.advance(3_000);
    const [, reply] = await Promise.all(both);
    expect(JSON.parse(await said(reply as Reply))).toMatchObject({
      choices: [{ message: { content: "hello" } }],
    });
    expect(sent.length).toBeGreaterThan(1);
  });
});
