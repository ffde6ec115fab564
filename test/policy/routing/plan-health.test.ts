import { describe, expect, it } from "vitest";
import { down, NOW, planned, snapshotOf, well } from "./stage.ts";

const on = snapshotOf({
  models: {
    a1: { provider: "p" },
    a2: { provider: "p" },
    a3: { provider: "p" },
    b1: { provider: "q" },
  },
  routes: {
    all: { strategy: "priority", models: ["a1", "a2", "a3", "b1"] },
    turns: { strategy: "round-robin", models: ["a1", "a2", "b1"] },
  },
  fallbacks: { a1: ["a2", "a3", "b1"] },
});

const models = (...args: Parameters<typeof planned>) => {
  const result = planned(...args);
  return "models" in result ? result.models : result;
};

describe("a target that is down", () => {
  it("is left out while another is left", () => {
    const health = { a1: down(5_000) };
    expect(models(on, { model: "a1" }, { health })).toEqual(["a2", "a3", "b1"]);
  });

  it.each([
    ["open", well({ state: "open", until: NOW + 1 }), false],
    ["open, its time over", well({ state: "open", until: NOW }), true],
    ["throttled", well({ state: "throttled", until: NOW + 1 }), false],
    ["throttled, its time over", well({ state: "throttled", until: NOW }), true],
    ["isolated", well({ state: "isolated", until: undefined }), false],
    ["half open", well({ state: "half_open", until: undefined }), true],
    ["without any quota left", well({ quotaLeft: 0 }), false],
    ["with little quota left", well({ quotaLeft: 0.01 }), true],
  ])("is told from one that may be asked: %s", (_what, health, asked) => {
    expect(models(on, { model: "a1" }, { health: { a1: health } })).toEqual(
      asked ? ["a1", "a2", "a3", "b1"] : ["a2", "a3", "b1"],
    );
  });

  it("does not give its turn to its neighbour alone", () => {
    const health = { a1: down(5_000) };
    const firsts = [0, 1, 2, 3].map((turn) => {
      const order = models(on, { model: "turns", fallback: "none" }, { health, turn: () => turn });
      return Array.isArray(order) ? order[0] : order;
    });
    expect(firsts).toEqual(["a2", "b1", "a2", "b1"]);
  });
});

describe("a plan of which everybody is down", () => {
  it("is refused until the earliest may be asked again", () => {
    const health = {
      a1: down(9_000),
      a2: down(4_000),
      a3: well({ state: "isolated" }),
      b1: down(7_000),
    };
    expect(planned(on, { model: "all" }, { health })).toEqual({
      code: "no_healthy_upstream",
      retryAfterMs: 4_000,
    });
  });

  it("is refused for a cooldown where nobody knows a time", () => {
    const health = { b1: well({ state: "isolated" }) };
    expect(planned(on, { model: "b1" }, { health })).toEqual({
      code: "no_healthy_upstream",
      retryAfterMs: 15_000,
    });
  });
});

describe("a provider of which several models have just failed", () => {
  const failing = well({ recentFailures: 3 });

  it("steps behind another provider", () => {
    const health = { a1: down(5_000), a2: failing };
    expect(models(on, { model: "all" }, { health })).toEqual(["b1", "a2", "a3"]);
    expect(models(on, { model: "a1" }, { health })).toEqual(["b1", "a2", "a3"]);
  });

  it("keeps its place where one model alone has failed, or where it is long ago", () => {
    expect(models(on, { model: "all" }, { health: { a1: down(5_000) } })).toEqual([
      "a2",
      "a3",
      "b1",
    ]);
    const old = { ...failing, lastSeenAt: NOW - 120_000 };
    expect(models(on, { model: "all" }, { health: { a1: old, a2: old } })).toEqual([
      "a1",
      "a2",
      "a3",
      "b1",
    ]);
  });

  it("does not take the first place from the model that the caller named", () => {
    const health = { a2: failing, a3: failing };
    expect(models(on, { model: "a1" }, { health })).toEqual(["a1", "b1", "a2", "a3"]);
  });

  it("does not push back a half-open model: somebody has to probe it", () => {
    const health = {
      a1: well({ state: "half_open", recentFailures: 9 }),
      a2: down(5_000),
      a3: failing,
    };
    expect(models(on, { model: "all" }, { health })).toEqual(["a1", "b1", "a3"]);
  });
});

describe("a target that has recovered", () => {
  const health = { a1: well({ ramp: 0.3 }) };

  it("takes back its share of the traffic little by little", () => {
    expect(models(on, { model: "all" }, { health, random: () => 0.29 })).toEqual([
      "a1",
      "a2",
      "a3",
      "b1",
    ]);
    expect(models(on, { model: "all" }, { health, random: () => 0.31 })).toEqual([
      "a2",
      "a3",
      "b1",
      "a1",
    ]);
  });

  it("is asked in any case where nobody else is left", () => {
    const alone = { model: "a1", fallback: "none" } as const;
    expect(models(on, alone, { health, random: () => 0.99 })).toEqual(["a1"]);
  });
});
