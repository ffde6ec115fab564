import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { NO_COST } from "../../src/domain/limit.ts";
import { createAccount } from "../../src/platform/objects/organisation-account.ts";
import type { DrawCall } from "../../src/platform/objects/organisation-calls.ts";
import { createCore } from "../../src/platform/objects/organisation-core.ts";
import { createLedger } from "../../src/platform/objects/organisation-ledger.ts";
import {
  GRACE_MS,
  LEASE_GRACE_MS,
  LEASE_MS,
  SLOT_LEASE_MS,
} from "../../src/policy/limits/times.ts";
import { NOON } from "../policy/limits/rule.ts";
import { newWorld, rowOf, ruleOf, type World } from "./organisation-world.ts";

const SLOTS = ruleOf({ unit: "concurrent", kind: "slots", per: undefined, max: 1 });
const TOKENS = ruleOf({ unit: "tokens", kind: "calendar", per: "day", max: 10_000 });
const RULES = [SLOTS, TOKENS];
const HOUR = 3_600_000;

let made = 0;

/** The account of an object that no other test has, with a clock that the test turns. */
const inCore = async (
  play: (scene: {
    readonly world: World;
    readonly wakes: number[];
    readonly turn: (to: number) => void;
    /** As it stands after a start: what was written, and nothing else. */
    readonly core: () => ReturnType<typeof createCore>;
    readonly held: () => readonly number[];
  }) => void,
): Promise<void> => {
  const world = await newWorld();
  made += 1;
  await runInDurableObject(env.TARGET.getByName(`core-${made}`), (_, { storage }) => {
    let now = NOON;
    const wakes: number[] = [];
    const core = () =>
      createCore({
        account: createAccount(storage.sql),
        ledger: createLedger(storage.sql),
        now: () => now,
        transaction: (work) => storage.transactionSync(work),
        wakeBy: (at) => void wakes.push(at - NOON),
      });
    const turn = (to: number): void => {
      now = NOON + to;
    };
    const held = () =>
      core()
        .standings(RULES)
        .map((each) => each.held);
    play({ world, wakes, turn, core, held });
  });
};

describe("a slot that nobody renews", () => {
  it("is free in time, and taken again by whoever goes on", async () => {
    await inCore(({ world, wakes, turn, core, held }) => {
      const call = world.call("r", RULES, { tokens: 100 }, NOON + HOUR);
      expect(core().admit([call])).toMatchObject([{ ok: true }]);
      expect(wakes).toEqual([SLOT_LEASE_MS]);
      turn(SLOT_LEASE_MS - 1);
      core().sweep();
      expect(held()).toEqual([1, 100]);
      turn(SLOT_LEASE_MS);
      core().sweep();
      expect(held()).toEqual([0, 100]);
      expect(core().limits()).toMatchObject({ reservations: 1, slots: 0 });
      expect(core().progress("r", { tokens: 5, nanoUsd: 0 })).toBe(true);
      expect(held()).toEqual([1, 100]);
    });
  });

  it("stays with whoever has it by then: the request goes on without", async () => {
    await inCore(({ world, turn, core, held }) => {
      core().admit([world.call("r", RULES, { tokens: 100 }, NOON + HOUR)]);
      turn(SLOT_LEASE_MS);
      core().sweep();
      core().admit([world.call("other", RULES, { tokens: 7 }, NOON + HOUR)]);
      expect(core().progress("r", { tokens: 5, nanoUsd: 0 })).toBe(true);
      expect(held()).toEqual([1, 107]);
      core().end([world.end("r", 60)]);
      expect(held()).toEqual([1, 7]);
    });
  });

  it("is kept by progress", async () => {
    await inCore(({ world, turn, core, held }) => {
      core().admit([world.call("r", RULES, { tokens: 100 }, NOON + HOUR)]);
      turn(SLOT_LEASE_MS - 1);
      core().progress("r", { tokens: 5, nanoUsd: 0 });
      turn(2 * SLOT_LEASE_MS - 2);
      core().sweep();
      expect(held()).toEqual([1, 100]);
    });
  });
});

describe("a request whose end nobody tells", () => {
  it("is charged at its time, what was seen of it, and has a row", async () => {
    await inCore(({ world, turn, core, held }) => {
      core().admit([world.call("r", [TOKENS], { tokens: 100 }, NOON + 1_000)]);
      core().progress("r", { tokens: 130, nanoUsd: 0 });
      turn(1_000 + GRACE_MS - 1);
      core().sweep();
      expect(held()).toEqual([0, 100]);
      turn(1_000 + GRACE_MS);
      core().sweep();
      expect(core().standings([TOKENS])).toMatchObject([{ used: 130, held: 0 }]);
      expect(core().limits().reservations).toBe(0);
    });
  });
});

describe("a block", () => {
  const leasing = { id: "block", rules: [TOKENS], cost: { ...NO_COST, requests: 1, tokens: 10 } };

  it("wakes the object when it is over, and what was drawn from it when that is", async () => {
    await inCore(({ world, wakes, turn, core }) => {
      const facts = JSON.stringify(rowOf("block"));
      const block = core().lease({ principal: world.principal, leasing, facts });
      expect(block?.cost.tokens).toBe(500);
      expect(wakes).toEqual([LEASE_MS + LEASE_GRACE_MS]);
      const drawing: DrawCall = {
        drawn: {
          ...{ id: "d", lease: "block", owner: world.principal.lineage, model: "m" },
          ...{ cost: leasing.cost, floor: { tokens: 4, nanoUsd: 0 }, deadline: NOON + HOUR },
        },
        lineage: world.principal.lineage,
        facts: JSON.stringify(rowOf("d")),
      };
      core().giveBack("block", [drawing]);
      expect(wakes).toEqual([LEASE_MS + LEASE_GRACE_MS, HOUR + GRACE_MS]);
      expect(core().standings([TOKENS])).toMatchObject([{ used: 0, held: 10 }]);
      turn(HOUR + GRACE_MS);
      core().sweep();
      expect(core().standings([TOKENS])).toMatchObject([{ used: 4, held: 0 }]);
    });
  });
});
