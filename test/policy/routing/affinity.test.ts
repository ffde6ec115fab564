import { describe, expect, it } from "vitest";
import { planned, snapshotOf, well } from "./stage.ts";

const PRICE = { input: 2, output: 2 };
const CACHED = { ...PRICE, cache_read: 0.2 };
const LONG = { messages: [{ role: "user", content: "word ".repeat(20_000) }] };
const SESSIONS = Array.from({ length: 300 }, (_, at) => `session-${at}`);

const routeOf = (strategy: string, price: object, dearer: object = price) =>
  snapshotOf({
    models: {
      a: { provider: "p", price },
      b: { provider: "q", price: dearer },
      c: { provider: "r", price: dearer },
    },
    routes: { r: { strategy, models: ["a", "b", "c"] } },
  });

const first = (
  snapshot: ReturnType<typeof snapshotOf>,
  session: string | undefined,
  given: Parameters<typeof planned>[2] = {},
  body: Record<string, unknown> = LONG,
) => {
  const identity = { user: undefined, session, key: "k" };
  const result = planned(snapshot, { model: "r", identity, body, fallback: "none" }, given);
  return "models" in result ? result.models[0] : result.code;
};

describe("a session", () => {
  it("keeps its target where the strategy has no reason against it", () => {
    const on = routeOf("round-robin", PRICE);
    for (const session of SESSIONS.slice(0, 20)) {
      const places = [0, 1, 2].map((turn) => first(on, session, { turn: () => turn }));
      expect(new Set(places).size).toBe(1);
    }
    expect(first(on, undefined, { turn: () => 1 })).toBe("b");
  });

  it("is spread over the targets by their weights", () => {
    const on = snapshotOf({
      models: { a: { provider: "p" }, b: { provider: "q" } },
      routes: { r: { strategy: "weighted", models: [{ model: "a", weight: 4 }, "b"] } },
    });
    const share = SESSIONS.filter((session) => first(on, session) === "a").length / SESSIONS.length;
    expect(share).toBeCloseTo(0.8, 1);
  });

  it("moves only when its own target is down, and comes back", () => {
    const on = routeOf("round-robin", PRICE);
    const health = { a: well({ state: "isolated" }) };
    for (const session of SESSIONS) {
      const home = first(on, session);
      const meanwhile = first(on, session, { health });
      if (home === "a") expect(["b", "c"]).toContain(meanwhile);
      else expect(meanwhile).toBe(home);
    }
  });

  it("leaves a target that is only coming back to the strategy", () => {
    const on = routeOf("round-robin", PRICE);
    const session = SESSIONS.find((one) => first(on, one) === "a");
    expect(first(on, session, { health: { a: well({ ramp: 0.9 }) }, turn: () => 1 })).not.toBe("a");
  });
});

describe("staying against the strategy", () => {
  const places = (
    snapshot: ReturnType<typeof snapshotOf>,
    given?: Parameters<typeof planned>[2],
    body?: Record<string, unknown>,
  ) => new Set(SESSIONS.slice(0, 60).map((session) => first(snapshot, session, given, body)));

  it("is worth it where the prompt cache saves more than a cheaper model would", () => {
    const dearer = { ...CACHED, input: 2.2 };
    expect(places(routeOf("lowest-cost", CACHED, dearer)).size).toBe(3);
  });

  // What is saved was reckoned at the lower tier, what is paid at the higher one: half of the saving was not seen.
  it("is worth it in a long-context tier as below it", () => {
    const tier = (input: number) => ({ tokens: 10_000, input, output: input });
    const long = (input: number) => ({
      ...{ input, output: input, cache_read: input / 10, above: tier(2 * input) },
    });
    expect(places(routeOf("lowest-cost", long(2), long(6))).size).toBe(3);
  });

  it("is not where the price has no discount for cached input, or the prompt is too short for a cache", () => {
    expect(places(routeOf("lowest-cost", PRICE, { input: 2.2, output: 2 }))).toEqual(
      new Set(["a"]),
    );
    const dearer = { ...CACHED, input: 2.2 };
    const short = { messages: [{ role: "user", content: "hi" }] };
    expect(places(routeOf("lowest-cost", CACHED, dearer), {}, short)).toEqual(new Set(["a"]));
  });

  it("is not where another is faster by more than the cache is worth", () => {
    const on = routeOf("lowest-latency", CACHED);
    const health = (other: number) => ({
      a: well({ totalMs: 1_000 }),
      b: well({ totalMs: other }),
      c: well({ totalMs: other }),
    });
    expect(places(on, { health: health(1_500) }).size).toBe(3);
    expect(places(on, { health: health(60_000) })).toEqual(new Set(["a"]));
  });

  it("never changes a list of priorities", () => {
    expect(places(routeOf("priority", CACHED))).toEqual(new Set(["a"]));
  });
});
