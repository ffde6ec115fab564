import { describe, expect, it } from "vitest";
import {
  ageOf,
  boundedTtl,
  generationOf,
  isFresh,
  lifetimeFrom,
  purged,
} from "../../../src/policy/cache/freshness.ts";
import { placesFor, stillNeeded } from "../../../src/policy/cache/keep-under.ts";
import { NOW } from "./stage.ts";

const FIRST = { org: 0, model: 0 };
const life = lifetimeFrom(NOW, 100, FIRST);

describe("how long an answer lives", () => {
  it("as long as the request wishes, but no longer than the policy allows", () => {
    expect(boundedTtl(undefined, 60)).toBe(60);
    expect(boundedTtl(10, 60)).toBe(10);
    expect(boundedTtl(600, 60)).toBe(60);
  });

  it.each([
    [0, true],
    [99_999, true],
    [100_000, false],
  ])("after %d ms of 100 s: fresh %s", (ms, fresh) => {
    expect(isFresh(life, NOW + ms, 3_600, FIRST)).toBe(fresh);
  });

  it("a request that takes nothing older than 10 s gets nothing older", () => {
    expect(isFresh(life, NOW + 9_999, 10, FIRST)).toBe(true);
    expect(isFresh(life, NOW + 10_000, 10, FIRST)).toBe(false);
  });

  it("no longer than it is true", () => {
    const day = lifetimeFrom(NOW, 100, FIRST, NOW + 7_000);
    expect(isFresh(day, NOW + 6_999, 3_600, FIRST)).toBe(true);
    expect(isFresh(day, NOW + 7_000, 3_600, FIRST)).toBe(false);
    expect(lifetimeFrom(NOW, 100, FIRST, NOW + 999_000)).toEqual(life);
  });

  it("its age is in whole seconds and never negative", () => {
    expect(ageOf(life, NOW + 2_999)).toBe(2);
    expect(ageOf(life, NOW - 600_000)).toBe(0);
  });
});

describe("a purge", () => {
  const before = { org: 3, models: { a: 1 } };

  it("of one model leaves the others", () => {
    const after = purged(before, "a");
    expect(generationOf(after, "a")).not.toEqual(generationOf(before, "a"));
    expect(generationOf(after, "b")).toEqual(generationOf(before, "b"));
  });

  it("of an organisation leaves nothing", () => {
    const after = purged(before, undefined);
    for (const model of ["a", "b"]) {
      expect(generationOf(after, model)).not.toEqual(generationOf(before, model));
    }
  });

  it("does not bring back what an earlier one took, in any order", () => {
    const whole = purged(purged(before, "a"), undefined);
    expect(generationOf(whole, "a")).not.toEqual(generationOf(before, "a"));
    expect(generationOf(purged(whole, "a"), "a")).not.toEqual(
      generationOf(purged(before, "a"), "a"),
    );
  });

  it("reaches an answer that was under way", () => {
    const late = lifetimeFrom(NOW + 5_000, 100, generationOf(before, "a"));
    expect(isFresh(late, NOW + 5_000, 100, generationOf(purged(before, "a"), "a"))).toBe(false);
  });

  it("takes a model's name for a name", () => {
    expect(generationOf(before, "constructor")).toEqual({ org: 3, model: 0 });
  });
});

describe("under which names an answer is kept", () => {
  const served = { asked: "a", gave: "b", fallback: true, unhealthyUntil: NOW + 5_000 };

  it("a model's own answer under its own name", () => {
    expect(placesFor({ ...served, gave: "a", fallback: false }, life, NOW)).toEqual([
      { model: "a", expiresAt: life.expiresAt, standIn: false },
    ]);
  });

  it("a fallback's under its own, and under the asked one's for as long as that is unhealthy", () => {
    expect(placesFor(served, life, NOW)).toEqual([
      { model: "b", expiresAt: life.expiresAt, standIn: false },
      { model: "a", expiresAt: NOW + 5_000, standIn: true },
    ]);
  });

  it("a fallback's never under the name of one that is healthy again", () => {
    for (const unhealthyUntil of [undefined, NOW - 1, NOW]) {
      expect(placesFor({ ...served, unhealthyUntil }, life, NOW)).toHaveLength(1);
    }
  });

  it("a route's under the model's name and under the route's", () => {
    const places = placesFor({ ...served, fallback: false }, life, NOW);
    expect(places.map(({ model, standIn }) => [model, standIn])).toEqual([
      ["b", false],
      ["a", false],
    ]);
  });

  it("a stand-in is given while it is needed", () => {
    expect(stillNeeded(true, false)).toBe(true);
    expect(stillNeeded(true, true)).toBe(false);
    expect(stillNeeded(false, true)).toBe(true);
  });
});
