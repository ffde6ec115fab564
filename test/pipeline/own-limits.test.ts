import { describe, expect, it } from "vitest";
import { chat } from "../../src/pipeline/chat.ts";
import { countTokens } from "../../src/pipeline/count-tokens.ts";
import type { Deps } from "../../src/ports.ts";
import { accounted } from "../support/accounted.ts";
import { CONFIG as CACHED, scene, whole } from "./cache-scene.ts";

/** One request of the model `a` an hour, whoever asks. */
const ONE_OF_A = {
  ...{ ...CACHED, fallbacks: { a: ["b", "c"] } },
  policy: {
    limits: {
      mode: "on",
      rules: [{ unit: "requests", per: "hour", max: 1, when: { models: ["a"] } }],
    },
  },
};

describe("a target that a limit of its own has closed", () => {
  const closed = async (failing: readonly number[] = []) => {
    const stage = scene(
      (count) => (failing.includes(count) ? { status: 500, body: "{}" } : whole("hello")),
      {},
      ONE_OF_A,
    );
    const { limiter } = accounted(() => stage.clock.now());
    await stage.run(stage.ask(), { limiter });
    return { ...stage, limiter };
  };
  const from = "x-headgate-fallback-from";

  // It was no part of the plan any more, and whoever served seemed to be whom the caller had named.
  it("is named as whom another model serves for", async () => {
    const { run, ask, limiter, records } = await closed();
    const { headers } = await run(ask(), { limiter });
    expect(headers).toMatchObject({ "x-headgate-model": "b", [from]: "a" });
    expect(records.map(({ fallback_from }) => fallback_from)).toEqual([undefined, "a"]);
  });

  it("is named also where the next one fails", async () => {
    const { run, ask, limiter } = await closed([2]);
    const { headers } = await run(ask(), { limiter });
    expect(headers).toMatchObject({ "x-headgate-model": "c", [from]: "a" });
  });

  it("is named where tokens are counted as the next one counts them", async () => {
    const { deps, ask, clock, limiter } = await closed();
    const asked = { ...ask(), endpoint: "count_tokens" } as const;
    const loadTokenizer: Deps["loadTokenizer"] = async (encoding) => ({
      ...{ encoding, encode: () => [] },
      count: (text) => text.length,
    });
    const calling = countTokens({ ...deps, limiter, loadTokenizer }, asked);
    await clock.advance(10);
    expect((await calling).headers).toMatchObject({ "x-headgate-model": "b", [from]: "a" });
  });

  it("is not named where it was not in the way", async () => {
    const { deps, ask, clock } = scene(() => whole("hello"), {}, ONE_OF_A);
    const calling = chat(deps, ask());
    await clock.advance(10);
    expect((await calling).headers).not.toHaveProperty(from);
  });
});

describe("a request whose isolate dies while it asks a fallback", () => {
  const tokensOf = (model: string) => ({
    ...{ unit: "tokens", per: "day", max: 10_000, when: { models: [model] } },
  });
  /** What was charged; `asking`: so many equal requests, of which the first fails. */
  const left = async (models: readonly string[], asking = 1) => {
    const rules = models.map(tokensOf);
    const stage = scene(
      (count) => (count === 1 ? { status: 500, body: "{}" } : "silent"),
      {},
      {
        ...{ ...CACHED, fallbacks: asking === 1 ? CACHED.fallbacks : {} },
        policy: { ...CACHED.policy, limits: { mode: "on", rules } },
      },
    );
    const account = accounted(() => stage.clock.now());
    const asks = Array.from({ length: asking }, () => stage.ask());
    for (const ask of asks) void chat({ ...stage.deps, limiter: account.limiter }, ask);
    await stage.clock.advance(1_000);
    for (const { requestId } of asks) account.expire(requestId, stage.clock.now() + 3_600_000);
    return account.standing("tokens").map(({ used }) => used);
  };

  // What the fallback had read was charged to the limit of the first target, which had read nothing.
  it("is charged to that fallback's own limit", async () => {
    const [a, b] = await left(["a", "b"]);
    expect(a).toBe(0);
    expect(b).toBeGreaterThan(0);
  });

  it("is charged to nobody's where the fallback has none", async () => {
    expect(await left(["a"])).toEqual([0]);
  });

  // Whoever follows another holds nothing that an attempt would cost, and was charged nothing for his own.
  it("is charged its input also where it had followed another one before", async () => {
    const [a] = await left(["a"], 2);
    expect(a).toBeGreaterThan(0);
  });
});
