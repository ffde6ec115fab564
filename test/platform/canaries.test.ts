import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { createCanaries } from "../../src/platform/canaries.ts";
import type { CanaryBatch } from "../../src/platform/objects/canary.ts";
import { type CanaryOutcome, merged, NO_TALLY, reportOf } from "../../src/policy/view/canary.ts";
import { createTestClock, type TestClock } from "../support/clock.ts";

const outcome = (more: Partial<CanaryOutcome> = {}): CanaryOutcome => ({
  canary: { id: "try", baseline: "old", candidate: "new" },
  arm: "candidate",
  ok: true,
  ms: 20,
  costNanoUsd: 1_500,
  tokens: 10,
  ...more,
});

/** What happens to the next batches, in turn; after the last all arrive. */
type Fate = "arrives" | "is refused" | "arrives unacknowledged";

let clock: TestClock;
let fates: Fate[];
let seen: { readonly name: string; readonly batch: CanaryBatch }[];
let work: Promise<unknown>[];

beforeEach(() => {
  clock = createTestClock();
  fates = [];
  seen = [];
  work = [];
});

const isolate = () =>
  createCanaries({
    objectOf: (name) => ({
      count: async (batch) => {
        const fate = fates.shift() ?? "arrives";
        if (fate !== "is refused") seen.push({ name, batch: structuredClone(batch) });
        if (fate !== "arrives") throw new Error("the object is away");
      },
      report: async () => reportOf(NO_TALLY),
    }),
    clock,
    background: (promise) => void work.push(promise),
  });

/** Requests of the candidate, repeated batches left out. */
const counted = (): number => {
  const once = new Map(seen.map(({ batch }) => [batch.number, batch.tally]));
  return [...once.values()].reduce(merged, NO_TALLY).candidate.requests;
};

describe("an isolate's outcomes of canaries", () => {
  it("are sent together, a second after the first of them", async () => {
    const canaries = isolate();
    for (let i = 0; i < 100; i += 1) canaries.finished(outcome());
    await clock.advance(999);
    expect([seen.length, work.length]).toEqual([0, 1]);
    await clock.advance(1);
    expect(seen.map(({ batch }) => [batch.number, batch.tally.candidate.requests])).toEqual([
      [1, 100],
    ]);
  });

  it("are numbered on, and nothing is sent while there is none", async () => {
    const canaries = isolate();
    for (let i = 0; i < 3; i += 1) {
      canaries.finished(outcome());
      await clock.advance(60_000);
    }
    expect(seen.map(({ batch }) => batch.number)).toEqual([1, 2, 3]);
    expect(new Set(seen.map(({ batch }) => batch.sender)).size).toBe(1);
  });

  it("go to an object of the very definition", async () => {
    const canaries = isolate();
    const changed = { id: "try", baseline: "old", candidate: "newer" };
    canaries.finished(outcome());
    canaries.finished(outcome({ canary: changed }));
    canaries.finished(outcome({ canary: { ...changed } }));
    await clock.advance(1_000);
    const requests = seen.map(({ name, batch }) => [name, batch.tally.candidate.requests]);
    expect(requests).toEqual([
      ['["try","old","new"]', 1],
      ['["try","old","newer"]', 2],
    ]);
  });

  it("are sent again as the same batch until they are acknowledged", async () => {
    const canaries = isolate();
    fates = ["is refused", "arrives unacknowledged"];
    canaries.finished(outcome());
    await clock.advance(1_500);
    canaries.finished(outcome());
    await clock.advance(60_000);
    expect(seen.map(({ batch }) => [batch.number, batch.tally.candidate.requests])).toEqual([
      [1, 1],
      [1, 1],
      [2, 1],
    ]);
  });

  it("wait for the next outcome after three tries, and none is lost", async () => {
    const canaries = isolate();
    fates = ["is refused", "is refused", "is refused"];
    canaries.finished(outcome());
    await clock.advance(60_000);
    expect(seen).toEqual([]);
    canaries.finished(outcome());
    await clock.advance(60_000);
    expect(seen.map(({ batch }) => batch.number)).toEqual([1, 2]);
    expect(counted()).toBe(2);
  });

  it("go on where the request died on whose time they were to be sent", async () => {
    let alive = false;
    const after: TestClock["after"] = (ms, run) => clock.after(ms, () => alive && run());
    const canaries = createCanaries({
      objectOf: () => ({
        count: async (batch) => void seen.push({ name: "", batch }),
        report: async () => reportOf(NO_TALLY),
      }),
      clock: { now: clock.now, after },
      background: () => {},
    });
    canaries.finished(outcome());
    await clock.advance(5_000);
    alive = true;
    canaries.finished(outcome());
    await clock.advance(1_000);
    expect(counted()).toBe(2);
  });

  it("are each counted once, whatever becomes of the batches", async () => {
    const canaries = isolate();
    const turn: readonly Fate[] = ["arrives", "is refused", "arrives unacknowledged"];
    for (let i = 0; i < 60; i += 1) {
      fates = [0, 1, 2, 3].map((step) => turn[(i * 7 + step * (i % 5)) % 3] ?? "arrives");
      canaries.finished(outcome());
      await clock.advance((i * 379) % 2_600);
    }
    fates = [];
    canaries.finished(outcome());
    await clock.advance(60_000);
    expect(counted()).toBe(61);
    const numbers = seen.map(({ batch }) => batch.number);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });
});

describe("the outcomes of two isolates", () => {
  it("meet in the report on their canary", async () => {
    const real = () =>
      createCanaries({
        objectOf: (name) => env.CANARY.getByName(name),
        clock,
        background: (promise) => void work.push(promise),
      });
    const [here, there] = [real(), real()];
    const { canary } = outcome();
    here.finished(outcome());
    there.finished(outcome({ arm: "baseline", ok: false }));
    there.finished(outcome());
    await clock.advance(1_000);
    await Promise.all(work);
    const { baseline, candidate } = await here.report(canary);
    expect([baseline.requests, baseline.errors, candidate.requests]).toEqual([1, 1, 2]);
    const changed = await there.report({ ...canary, candidate: "newer" });
    expect(changed.candidate.requests).toBe(0);
  });
});
