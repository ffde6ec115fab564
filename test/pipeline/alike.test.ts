import { describe, expect, it } from "vitest";
import { alikeScene } from "./alike-scene.ts";
import { cacheOf, said } from "./cache-scene.ts";

const FIRST = "How do I reset my password?";
const SAME = "how do i reset my password";
const NEAR = "How can I reset my password?";

describe("a candidate", () => {
  it("of another partition is not given, though the index gives it (P13, F54)", async () => {
    const { ask, index } = alikeScene({}, ["one", "two"]);
    await ask(FIRST);
    const [entry] = index.kept.values();
    if (entry === undefined) throw new Error("nothing was kept");
    index.twist = () => [{ ...entry, partition: "another", trust: { seen: [] }, similarity: 1 }];
    expect(cacheOf(await ask(SAME))).toBe("miss");
  });

  it("whose kept answer is of another partition is not given, though the index calls it ours", async () => {
    const { ask, index } = alikeScene({}, ["one", "two"]);
    await ask(FIRST, { seed: 7 });
    const [entry] = index.kept.values();
    if (entry === undefined) throw new Error("nothing was kept");
    await ask("How old is the universe?");
    const ours = [...index.kept.values()].at(-1)?.partition ?? "";
    index.twist = () => [{ ...entry, partition: ours, trust: { seen: [] }, similarity: 1 }];
    expect(cacheOf(await ask(SAME))).toBe("miss");
  });

  it("whose answer is not there makes room for the next one", async () => {
    const { ask, index, deps } = alikeScene({ threshold: 0.5 }, ["one", "two"]);
    await ask(FIRST);
    const [entry] = index.kept.values();
    if (entry === undefined) throw new Error("nothing was kept");
    index.twist = (found) => [
      ...found.map((one) => ({ ...one, id: "gone", similarity: 1 })),
      ...found,
    ];
    const reply = await ask(SAME);
    expect(cacheOf(reply)).toBe("semantic");
    expect(index.served).toEqual([entry.id]);
    expect(await deps.cache.read("tenant00", "gone")).toBeUndefined();
  });

  it("F54: is not missed by a request whose index does not answer", async () => {
    const { ask, index } = alikeScene({}, ["one", "two"]);
    await ask(FIRST);
    index.twist = () => undefined;
    const reply = await ask(SAME);
    expect([reply.ok, cacheOf(reply)]).toEqual([true, "miss"]);
  });

  it("is found where the index is the only thing that this deployment lacks: nowhere", async () => {
    const { ask } = alikeScene({ index: "vectorize" }, ["one", "two"], undefined, {
      loadSemantic: async () => ({
        index: () => undefined,
        vectors: { get: () => undefined, put: () => {} },
      }),
    });
    await ask(FIRST);
    expect(cacheOf(await ask(SAME))).toBe("miss");
  });
});

describe("what is learnt", () => {
  const ANSWER = "You reset it on the page of your account, under security.";

  it("of a hit that is asked again is whether the fresh answer says the same", async () => {
    for (const [fresh, verdict] of [
      [ANSWER, "confirmed"],
      ["Bananas are yellow because of carotenoids, which stay when chlorophyll goes.", "refuted"],
    ] as const) {
      const { ask, index, rows } = alikeScene({ verify: 1 }, [ANSWER, fresh]);
      await ask(FIRST);
      const reply = await ask(SAME);
      expect([cacheOf(reply), await said(reply)]).toEqual(["miss", expect.stringContaining(fresh)]);
      expect(index.learnt).toMatchObject([{ verdict }]);
      expect(index.learnt[0]?.doubt).toBeLessThan(1);
      expect(rows.at(-1)).toMatchObject({ cache: "miss", attempts: 1, similarity: null });
    }
  });

  it("of a candidate that was not given costs nothing, and gives it later or never", async () => {
    const { ask, index, sent } = alikeScene({ threshold: 0.999 }, [ANSWER, ANSWER]);
    await ask(FIRST);
    expect(cacheOf(await ask(NEAR))).toBe("miss");
    expect(sent).toHaveLength(2);
    expect(index.learnt).toMatchObject([{ verdict: "confirmed" }]);
  });

  it("is nothing where a rule keeps the two turns apart", async () => {
    const { ask, index } = alikeScene({}, [ANSWER, ANSWER]);
    await ask("How do I cook 2 eggs?");
    await ask("How do I cook 3 eggs?");
    expect(index.learnt).toEqual([]);
  });

  it("is given up where refuted hits have shown that the entry is wrong", async () => {
    const { ask, index } = alikeScene({}, [ANSWER, "fresh"]);
    await ask(FIRST);
    const [entry] = index.kept.values();
    for (let time = 0; time < 32; time += 1) {
      index.learn(
        { tenant: "", scope: "", locationHint: undefined },
        entry?.id ?? "",
        0,
        "refuted",
      );
    }
    expect(cacheOf(await ask(SAME))).toBe("miss");
  });
});

describe("what is not kept for other wordings", () => {
  it.each([
    ["an answer that was cut", { finish_reason: "length" }],
    ["an answer without words", { message: { role: "assistant", content: "" } }],
  ])("is %s", async (_, change) => {
    const { ask, index, deps } = alikeScene({}, []);
    const send = deps.upstream.send;
    const body = JSON.stringify({
      ...{ id: "c1", object: "chat.completion", created: 1, model: "up-a" },
      choices: [
        {
          ...{ index: 0, message: { role: "assistant", content: "x" }, finish_reason: "stop" },
          ...change,
        },
      ],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    });
    Object.assign(deps, {
      upstream: {
        send: async (...sent: Parameters<typeof send>) => {
          const answer = await send(...sent);
          return answer.ok
            ? { ok: true, value: { ...answer.value, body: new Response(body).body } }
            : answer;
        },
      },
    });
    expect((await ask(FIRST)).ok).toBe(true);
    expect(index.kept.size).toBe(0);
  });
});

describe("an answer of today", () => {
  const DAY_MS = 86_400_000;

  it("ends with its day, for equal requests and for other wordings", async () => {
    const { ask, index, clock } = alikeScene({ ttl: 200_000 }, ["soup", "fish", "eggs"]);
    await ask("What is on the menu today?");
    const midnight = (Math.floor(clock.now() / DAY_MS) + 1) * DAY_MS;
    expect([...index.kept.values()].map(({ expiresAt }) => expiresAt)).toEqual([midnight]);
    expect(cacheOf(await ask("what is on the menu today"))).toBe("semantic");
    await clock.advance(midnight - clock.now());
    expect(cacheOf(await ask("what is on the menu today"))).toBe("miss");
  });
});

describe("of equal requests at the same time", () => {
  it("those who follow one that found another wording's answer find it, too, and nobody asks", async () => {
    const { ask, asking, clock, sent, rows } = alikeScene({}, ["one"]);
    await ask(FIRST);
    const all = [SAME, SAME, SAME].map((content) => asking(content));
    await clock.advance(50);
    const replies = await Promise.all(all);
    expect(replies.map(cacheOf)).toEqual(["semantic", "semantic", "semantic"]);
    expect(sent).toHaveLength(1);
    expect(rows.slice(1).map(({ cost_nano_usd }) => cost_nano_usd)).toEqual([0, 0, 0]);
  });

  it("one who may not be given what the first has found goes on by himself", async () => {
    const { ask, asking, clock, sent, index } = alikeScene({}, ["one", "two"]);
    await ask(FIRST);
    let looks = 0;
    index.twist = (found) => {
      looks += 1;
      return looks === 1 ? found : [];
    };
    const both = [SAME, SAME].map((content) => asking(content));
    await clock.advance(50);
    const replies = await Promise.all(both);
    expect(replies.map(cacheOf)).toEqual(["semantic", "miss"]);
    expect(sent).toHaveLength(2);
  });
});
