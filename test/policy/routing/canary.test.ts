import { describe, expect, it } from "vitest";
import { chanceFrom } from "../../support/chance.ts";
import { planned, snapshotOf } from "./stage.ts";

const withCanaries = (...canaries: object[]) =>
  snapshotOf({
    models: { old: { provider: "p" }, next: { provider: "q" }, other: { provider: "r" } },
    routes: {
      auto: {
        strategy: "complexity",
        tiers: { simple: ["next"], moderate: ["next"], complex: ["other"] },
      },
    },
    fallbacks: { old: ["other"] },
    canaries,
  });

const tenth = withCanaries({ id: "try", baseline: "old", candidate: "next", percent: 10 });
const bySession = withCanaries({
  id: "try",
  baseline: "old",
  candidate: "next",
  percent: 30,
  sticky: "session",
});

describe("a canary", () => {
  it("draws each request by itself where it is not sticky", () => {
    expect(planned(tenth, { model: "old" }, { random: () => 0.09 })).toMatchObject({
      route: "canary:try",
      models: ["next", "old", "other"],
      canary: { id: "try", arm: "candidate" },
    });
    expect(planned(tenth, { model: "old" }, { random: () => 0.1 })).toMatchObject({
      route: "direct",
      models: ["old", "other"],
      canary: { id: "try", arm: "baseline" },
    });
  });

  it("concerns requests for its baseline only", () => {
    expect(planned(tenth, { model: "next" }, { random: () => 0 })).toMatchObject({
      route: "direct",
      canary: undefined,
    });
  });

  it("goes nowhere else where the caller forbids fallback", () => {
    expect(planned(tenth, { model: "old", fallback: "none" }, { random: () => 0 })).toMatchObject({
      models: ["next"],
    });
  });

  it("keeps a session in its arm and splits sessions by the percentage", () => {
    const random = chanceFrom(1);
    const armOf = (session: string | undefined) => {
      const result = planned(
        bySession,
        { model: "old", identity: { user: undefined, session, key: "k" } },
        { random },
      );
      return "canary" in result ? result.canary?.arm : result;
    };
    const sessions = Array.from({ length: 5_000 }, (_, at) => `session-${at}`);
    const arms = sessions.map(armOf);
    expect(sessions.map(armOf)).toEqual(arms);
    expect(arms.filter((arm) => arm === "candidate").length / arms.length).toBeCloseTo(0.3, 1);
    const drawn = new Set(Array.from({ length: 50 }, () => armOf(undefined)));
    expect(drawn).toEqual(new Set(["baseline", "candidate"]));
  });

  it("can lead to a route", () => {
    const toRoute = withCanaries({
      id: "auto-10",
      baseline: "old",
      candidate: "auto",
      percent: 100,
    });
    expect(planned(toRoute, { model: "old" })).toMatchObject({
      route: "canary:auto-10",
      models: ["next", "other", "old"],
    });
  });

  it("leaves out whoever may not use the candidate", () => {
    expect(
      planned(
        tenth,
        { model: "old", policies: [{ models: { deny: ["next"] } }] },
        { random: () => 0 },
      ),
    ).toMatchObject({ route: "direct", models: ["old", "other"], canary: undefined });
  });

  it("takes whom an earlier one on the same baseline has left", () => {
    const two = withCanaries(
      { id: "one", baseline: "old", candidate: "next", percent: 0 },
      { id: "two", baseline: "old", candidate: "other", percent: 100 },
    );
    expect(planned(two, { model: "old" })).toMatchObject({ route: "canary:two" });
  });
});
