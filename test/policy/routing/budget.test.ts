import { describe, expect, it } from "vitest";
import type { Policy } from "../../../src/domain/config/schema.ts";
import { planned, snapshotOf } from "./stage.ts";

const on = snapshotOf({
  models: {
    best: { provider: "p" },
    middle: { provider: "q" },
    cheap: { provider: "r" },
    other: { provider: "r" },
  },
  routes: { auto: { strategy: "priority", models: ["best"] } },
  fallbacks: { best: ["other"] },
  canaries: [{ id: "try", baseline: "best", candidate: "other", percent: 100 }],
});

const routing = (mode: "on" | "shadow" | "off", more: object = {}): Policy => ({
  routing: { mode, budget: { middle: ["middle"], cheapest: ["cheap", "middle"], ...more } },
});

describe("budget routing", () => {
  it.each([
    [0.79, "canary:try", "other"],
    [0.8, "budget:middle", "middle"],
    [0.949, "budget:middle", "middle"],
    [0.95, "budget:cheapest", "cheap"],
    [1.2, "budget:cheapest", "cheap"],
  ])("at %f of the budget goes %s", (spendRatio, route, first) => {
    const result = planned(on, { model: "best", policies: [routing("on")] }, { spendRatio });
    expect(result).toMatchObject({ route });
    expect("models" in result && result.models[0]).toBe(first);
  });

  it("has the requested model behind, and what follows it", () => {
    expect(
      planned(on, { model: "best", policies: [routing("on")] }, { spendRatio: 1 }),
    ).toMatchObject({ models: ["cheap", "middle", "best", "other"], canary: undefined });
  });

  it("moves nobody who asks for a model that is as cheap", () => {
    const asked = (model: string) => ({ model, policies: [routing("on")] });
    expect(planned(on, asked("middle"), { spendRatio: 0.9 })).toMatchObject({ route: "direct" });
    expect(planned(on, asked("cheap"), { spendRatio: 1 })).toMatchObject({ route: "direct" });
    expect(planned(on, asked("auto"), { spendRatio: 1 })).toMatchObject({
      route: "budget:cheapest",
    });
  });

  it("is recorded and not done in shadow mode, and nothing when off", () => {
    const asked = (mode: "shadow" | "off") => ({ model: "other", policies: [routing(mode)] });
    expect(planned(on, asked("shadow"), { spendRatio: 1 })).toMatchObject({
      route: "direct",
      models: ["other"],
      shadow: [{ section: "routing", decision: "budget:cheapest" }],
    });
    expect(planned(on, asked("off"), { spendRatio: 1 })).toMatchObject({ shadow: [] });
  });

  it("has thresholds of its own, the lowest level's unless a higher one is locked", () => {
    const early = routing("on", { alert: 0.1, hard: 0.2 });
    const locked: Policy = { routing: { mode: "on", locked: true } };
    const at = (policies: Policy[]) =>
      planned(on, { model: "best", policies }, { spendRatio: 0.3 });
    expect(at([routing("on"), early])).toMatchObject({ route: "budget:cheapest" });
    expect(at([early, routing("on")])).toMatchObject({ route: "canary:try" });
    expect(at([locked, early])).toMatchObject({ route: "canary:try" });
  });

  it("leads to nobody where the key may not use the cheaper models", () => {
    const deny = { models: { deny: ["cheap", "middle"] } };
    expect(
      planned(on, { model: "auto", policies: [routing("on"), deny] }, { spendRatio: 1 }),
    ).toMatchObject({ route: "auto", models: ["best"] });
  });
});
