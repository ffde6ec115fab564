import { describe, expect, it } from "vitest";
import { type Limiter, noLimiter } from "../../src/ports-account.ts";
import { alikeScene, vectorReply } from "./alike-scene.ts";
import { cacheOf } from "./cache-scene.ts";

const FIRST = "How do I reset my password?";
const SAME = "how do i reset my password";

describe("a configured embedding model", () => {
  const MODEL = { embedder: "vectors" };

  it("is asked once for a wording, and its tokens stand on the request's bill", async () => {
    const { ask, rows, paths } = alikeScene(MODEL, ["one"]);
    await ask(FIRST);
    expect(paths()).toEqual(["/v1/embeddings", "/v1/chat/completions"]);
    expect(rows[0]).toMatchObject({ attempts: 1, input_tokens: 8, lost_tokens: 5 });
    expect(cacheOf(await ask(SAME))).toBe("semantic");
    expect(cacheOf(await ask(SAME))).toBe("semantic");
    expect(paths()).toHaveLength(3);
    expect(rows[1]).toMatchObject({
      ...{ cache: "semantic", attempts: 0, similarity: 1, input_tokens: 5, output_tokens: 0 },
      cost_nano_usd: 5_000,
    });
    expect(rows[2]).toMatchObject({ cache: "semantic", input_tokens: 0, cost_nano_usd: 0 });
  });

  it.each([
    ["refuses", { status: 400, body: '{"error":{"message":"no"}}' }],
    ["is not there", "unreachable"],
    ["answers no vector", { body: '{"object":"list","data":[]}' }],
    ["answers no numbers", vectorReply(["x"] as unknown as number[])],
    ["answers zeros", vectorReply([0, 0])],
  ] as const)("F60: that %s costs the request nothing but the hit", async (_, embeds) => {
    const { ask, rows } = alikeScene(MODEL, ["one", "two"], embeds);
    await ask(FIRST);
    const reply = await ask(SAME);
    expect([reply.ok, cacheOf(reply)]).toEqual([true, "miss"]);
    expect(rows.at(-1)).toMatchObject({ status: 200, attempts: 1, error_code: null });
  });

  it("F60: that says nothing is waited for two seconds", async () => {
    const { asking, clock, sent } = alikeScene(MODEL, ["one"], "silent");
    const asked = asking(FIRST);
    await clock.advance(1_900);
    expect(sent).toHaveLength(1);
    await clock.advance(200);
    expect((await asked).ok).toBe(true);
    expect(sent).toHaveLength(2);
  });

  it("is held for beside the answer, and not asked where there is no room for both", async () => {
    for (const hasRoom of [true, false]) {
      const asked: unknown[] = [];
      const limiter: Limiter = {
        ...noLimiter,
        extend: async (_, __, { model, more }) => {
          asked.push({ model, more });
          return hasRoom;
        },
      };
      const { ask, paths } = alikeScene(MODEL, ["one"], undefined, { limiter });
      expect(cacheOf(await ask(FIRST))).toBe("miss");
      // The answer is covered by what was held for it: nobody asks for more.
      expect(asked).toEqual([
        { model: "vectors", more: { tokens: expect.any(Number), nanoUsd: expect.any(Number) } },
      ]);
      expect(paths()).toEqual([...(hasRoom ? ["/v1/embeddings"] : []), "/v1/chat/completions"]);
    }
  });

  it("without a price is not asked where money is limited", async () => {
    const { ask, paths } = alikeScene({ embedder: "unpriced" }, ["one"]);
    expect(cacheOf(await ask(FIRST))).toBe("miss");
    expect(paths()).toEqual(["/v1/chat/completions"]);
  });
});
