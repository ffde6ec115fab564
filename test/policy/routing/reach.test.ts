import { describe, expect, it } from "vitest";
import type { Policy } from "../../../src/domain/config/schema.ts";
import { mayBeGiven, reachable } from "../../../src/policy/routing/reach.ts";
import { planned, snapshotOf } from "./stage.ts";

const level = (allow?: string[], deny?: string[]): Policy => ({
  models: { ...(allow && { allow }), ...(deny && { deny }) },
});

describe("what a key reaches through the route auto of a and b", () => {
  it.each([
    ["no list", [level()], ["a", "b"]],
    ["everything", [level(["*"])], ["a", "b"]],
    ["the route alone", [level(["auto"])], ["a", "b"]],
    ["the route and one of its models", [level(["auto", "a"])], ["a"]],
    ["nothing", [level([])], []],
    ["another model", [level(["c"])], []],
    ["the route, less one", [level(["auto"], ["b"])], ["a"]],
    ["what two levels both allow", [level(["a", "b"]), level(["auto"])], ["a", "b"]],
    ["what two levels both name", [level(["a"]), level(["b", "auto"])], ["a"]],
    ["what one level denies", [level(["auto"]), level(undefined, ["*"])], []],
  ])("is decided by %s", (_what, policies, models) => {
    expect([...reachable(policies, "auto", ["a", "b"])]).toEqual(models);
  });
});

describe("a plan's permission", () => {
  const on = snapshotOf({
    models: { a: { provider: "p" }, b: { provider: "q" }, c: { provider: "r" } },
    routes: { auto: { strategy: "priority", models: ["a", "b"] } },
    fallbacks: { a: ["b", "c"] },
  });

  it("is asked for the name and for everything that follows it", () => {
    const policies = [level(["a", "c"])];
    expect(planned(on, { model: "b", policies })).toMatchObject({ code: "model_not_allowed" });
    expect(planned(on, { model: "a", policies })).toMatchObject({ models: ["a", "c"] });
    expect(planned(on, { model: "a", policies, fallback: ["b", "auto"] })).toMatchObject({
      models: ["a"],
    });
  });

  it("is refused for a route that is allowed and of which no model is", () => {
    const policies = [level(["auto"], ["a", "b"])];
    expect(planned(on, { model: "auto", policies })).toMatchObject({ code: "model_not_allowed" });
  });
});

// A key that was allowed a route alone was refused its own kept reply, and was never given a kept answer.
describe("what a model has said is given to a key", () => {
  const on = snapshotOf({
    models: { a: { provider: "p" }, b: { provider: "q" }, c: { provider: "r" } },
    routes: { auto: { strategy: "priority", models: ["a", "b"] } },
  });

  it.each<[string, readonly Policy[], readonly string[]]>([
    ["may use all", [level()], ["a", "b", "c"]],
    ["may use the route alone", [level(["auto"])], ["a", "b"]],
    ["may use the route and one of its models", [level(["auto", "a"])], ["a"]],
    ["may use one model", [level(["c"])], ["c"]],
    ["may use the route, less one", [level(["auto"], ["b"])], ["a"]],
    ["may use nothing", [level([])], []],
  ])("that %s", (_what, policies, given) => {
    expect(["a", "b", "c"].filter((model) => mayBeGiven(on, policies, model))).toEqual(given);
  });
});
