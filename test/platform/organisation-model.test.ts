import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { script } from "../laws/account-script.ts";
import { createModel } from "./organisation-model.ts";
import { withQueue } from "./organisation-queue.ts";
import { newWorld, rowOf, ruleOf } from "./organisation-world.ts";

/** Some 50 steps each, with an eviction in every fifth. */
const RUNS = 10;

/** Far enough ahead that no alarm rings by itself while the clock stands. */
const TOMORROW = 86_400_000;

describe("an organisation's object that is put away between any two calls", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + TOMORROW });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("says what the pure functions say, and tells the queue of each version of each end once", async () => {
    const seen: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(script, async ({ rules, steps }) => {
        const world = await newWorld();
        // Whose turn was the last depends on the order in which an alarm ends what is due.
        const model = createModel(
          world,
          rules.filter(({ kind }) => kind !== "leaky"),
        );
        await model.play(steps.slice(0, 80));
        await model.finish();
        for (const [name, count] of Object.entries(model.seen)) {
          seen[name] = (seen[name] ?? 0) + count;
        }
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    expect(seen["steps"]).toBeGreaterThan(10 * RUNS);
    expect(seen["evictions"]).toBeGreaterThan(RUNS);
  });

  // The block was charged as if it had been used, and what was admitted out of it once more by its own end.
  it("charges what is drawn from a block that was charged once", async () => {
    const { object, principal, call, end } = await newWorld();
    const rules = [ruleOf({ unit: "usd", kind: "calendar", per: "month", max: 1_000_000 })];
    const facts = JSON.stringify(rowOf("block"));
    await object.admit(call("first", rules), []);
    const cost = { requests: 1, tokens: 0, nanoUsd: 1_000, slots: 0 };
    const block = await object.lease({ principal, leasing: { id: "block", rules, cost }, facts });
    expect(block?.cost.nanoUsd).toBe(50_000);
    vi.setSystemTime(Date.now() + 12_000);
    await runInDurableObject(object, (instance) => instance.alarm());
    expect(await object.spend(principal.lineage)).toMatchObject({ month: 50_000 });
    const floor = { tokens: 0, nanoUsd: 0 };
    const { lineage: owner } = principal;
    const drawn = { id: "d", lease: "block", owner, cost, floor, deadline: Date.now(), model: "m" };
    await object.end([{ ...end("d", 0, 400), lineage: "another", drawn }]);
    expect(await object.row("block")).toMatchObject({ version: 2, cost_nano_usd: 49_000 });
    expect(await object.spend(principal.lineage)).toMatchObject({ month: 49_000 });
    expect(await object.spend("another")).toMatchObject({ month: 400 });
    expect((await object.limits()).rules[0]).toMatchObject({ used: 49_400, held: 0 });
  });

  // An organisation that nobody comes to any more had no alarm: its rows would have stayed for good.
  it("forgets what was kept when its time is over, though nobody comes any more", async () => {
    const { object, call, end } = await newWorld();
    const rules = [ruleOf({ max: 5 })];
    await withQueue(object);
    await object.admit(call("a", rules), []);
    await object.end([end("a", 7)]);
    for (let days = 0; days < 70; days += 1) {
      if (!(await runDurableObjectAlarm(object))) break;
      vi.setSystemTime(Date.now() + 86_400_000);
    }
    expect(await object.row("a")).toBeUndefined();
    expect((await object.limits()).rules).toEqual([]);
    expect(await runDurableObjectAlarm(object)).toBe(false);
  });

  // Each end user has a count of his own: an operator's look at all of them was larger than an answer may be.
  it("shows the limits that were met last, however many there are", async () => {
    const { object, call } = await newWorld();
    const users = Array.from({ length: 1_040 }, (_, at) => ruleOf({ id: `user${at}`, max: 5 }));
    for (let from = 0; from < users.length; from += 26) {
      vi.setSystemTime(Date.now() + 1_000);
      await object.admit(call(`r${from}`, users.slice(from, from + 26)), []);
    }
    const { rules } = await object.limits();
    expect(rules).toHaveLength(1_000);
    expect(new Set(rules.map(({ rule }) => rule.id))).toContain("user1039");
    expect(new Set(rules.map(({ rule }) => rule.id))).not.toContain("user0");
  });
});

describe("an organisation's object that is aborted in the middle of an admission", () => {
  it("holds for all of it or for nothing, and for it once when it is asked again", async () => {
    const rules = [ruleOf({ kind: "calendar", per: "day", max: 100 })];
    let lost = 0;
    for (let round = 0; round < 6; round += 1) {
      const { object, call, principal } = await newWorld();
      /** One that was aborted is reached by a new stub. */
      const fresh = () => env.ORGANISATION.getByName(principal.tenant);
      if (round % 2 === 0) await object.admit(call("warm", []), []);
      const asking = object.admit(call("a", rules), []).then(
        () => true,
        () => false,
      );
      for (let turns = 0; turns < round; turns += 1) await Promise.resolve();
      await abortAllDurableObjects();
      lost += Number(!(await asking));
      expect((await fresh().admit(call("a", rules), [])).ok).toBe(true);
      const view = await fresh().limits();
      expect(view.rules.map(({ held }) => held)).toEqual([1]);
    }
    expect(lost).toBeGreaterThan(0);
  });
});

describe("a revocation that races admissions and blocks", () => {
  it("is over when no isolate can admit by the key any more", async () => {
    const rules = [ruleOf({ kind: "calendar", per: "day", max: 1_000_000 })];
    const rounds = Array.from({ length: 4 }, async (_, round) => {
      const { object, call, principal } = await newWorld();
      await object.admit(call("first", rules), []);
      const cost = { requests: 1, tokens: 0, nanoUsd: 0, slots: 0 };
      const facts = JSON.stringify(rowOf("block"));
      /** Until when isolates admit by themselves. */
      let until = 0;
      const lease = async (id: string): Promise<void> => {
        const asked = Date.now();
        const block = await object.lease({ principal, leasing: { id, rules, cost }, facts });
        if (block !== undefined) until = Math.max(until, asked + 1_900);
      };
      const load = Array.from({ length: 50 }, async (__, at) => {
        if (at % 10 === 0) await lease(`block${at}`);
        return object.admit(call(`a${at}`, rules), []);
      });
      for (let turns = 0; turns < round * 3; turns += 1) await Promise.resolve();
      const change = { entity: `key:${principal.key}`, revision: undefined };
      await object.changed([change]);
      expect(Date.now()).toBeGreaterThanOrEqual(until);
      await lease("late");
      expect(Date.now()).toBeGreaterThanOrEqual(until);
      const late = await Promise.all(
        Array.from({ length: 20 }, (__, at) => object.admit(call(`late${at}`, rules), [])),
      );
      expect(late.map((answer) => answer.ok)).toEqual(Array.from({ length: 20 }, () => false));
      const early = await Promise.all(load);
      return early.filter(({ ok }) => ok).length;
    });
    expect((await Promise.all(rounds)).reduce((sum, count) => sum + count)).toBeGreaterThan(0);
  });
});
