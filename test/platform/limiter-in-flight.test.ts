import { describe, expect, it } from "vitest";
import { ok } from "../../src/base/result.ts";
import { NO_COST } from "../../src/domain/limit.ts";
import type { Caller } from "../../src/domain/tenant.ts";
import { createBlocks } from "../../src/platform/limiter-blocks.ts";
import { createHeat } from "../../src/platform/limiter-heat.ts";
import { createInFlight } from "../../src/platform/limiter-in-flight.ts";
import { principalOf } from "../../src/platform/limiter-principal.ts";
import { createSharedLimits } from "../../src/platform/limiter-shared.ts";
import type { OrganisationCalls } from "../../src/platform/objects/organisation-calls.ts";
import type { Reach } from "../../src/platform/organisation-reach.ts";
import type { Admission } from "../../src/policy/limits/admission.ts";
import { GRACE_MS, LEASE_MS } from "../../src/policy/limits/times.ts";
import { requestsRule } from "../support/upstash-rules.ts";
import { createVirtualTime } from "../support/virtual-time.ts";
import { rowOf } from "./organisation-world.ts";

const MINUTE_MS = 60_000;
/** Milliseconds for which the requests of these tests may run. */
const RUNS_MS = 30_000;
/** When nobody asks for them any more, and the look that comes at most a minute later. */
const OVER_MS = RUNS_MS + GRACE_MS + MINUTE_MS;

const CALLER: Caller = {
  ...{ org: "acme", tenant: "ten00001", key: "key00001", lineage: "key00001" },
  ...{ revisions: { key: 1, org: 1 }, keyName: undefined, team: undefined, user: undefined },
  ...{ expiresAt: undefined, locationHint: undefined, scopes: new Set(), tags: {}, policies: [] },
  levels: [],
};

const NOTHING = { total: { tokens: 0, nanoUsd: 0 }, byModel: {} };

const admissionOf = (id: string, now: number): Admission => {
  const cost = { ...NO_COST, requests: 1 };
  const options = [{ model: "m", cost, floor: { tokens: 0, nanoUsd: 0 } }] as const;
  return { id, rules: [], ways: [{ from: 0, options }], deadline: now + RUNS_MS };
};

describe("what belongs to requests in flight", () => {
  it("is there until it is deleted", () => {
    const inFlight = createInFlight<number>((until) => until);
    inFlight.set("a", 10, 0);
    expect(inFlight.get("a")).toBe(10);
    inFlight.delete("a");
    expect(inFlight.get("a")).toBeUndefined();
  });

  it("goes when its time is over and a minute has passed, and what still runs stays", () => {
    const inFlight = createInFlight<number>((until) => until);
    inFlight.set("short", MINUTE_MS, 0);
    inFlight.set("long", 3 * MINUTE_MS, 0);
    inFlight.set("next", 3 * MINUTE_MS, MINUTE_MS);
    expect(inFlight.get("short")).toBeUndefined();
    expect(inFlight.get("long")).toBe(3 * MINUTE_MS);
    inFlight.set("last", 9 * MINUTE_MS, 3 * MINUTE_MS - 1);
    expect(inFlight.get("long")).toBe(3 * MINUTE_MS);
    inFlight.set("after", 9 * MINUTE_MS, 4 * MINUTE_MS);
    expect([inFlight.get("long"), inFlight.get("next")]).toEqual([undefined, undefined]);
    expect(inFlight.get("last")).toBe(9 * MINUTE_MS);
  });
});

describe("a block's isolate", () => {
  /** Every request is killed at once: what it was to do later never comes. */
  const stage = async () => {
    const time = createVirtualTime();
    const object = {
      lease: async () => ({
        cost: { ...NO_COST, requests: 100 },
        requests: undefined,
        tokens: undefined,
        edition: "first",
      }),
    } as unknown as OrganisationCalls;
    const reach = (async (_, ask) => ok(await ask(object))) as Reach<OrganisationCalls>;
    const clock = { now: time.now, after: () => () => {} };
    const blocks = createBlocks({ reach, clock, background: () => {}, principalOf });
    const admit = (id = "any") => blocks.admit(CALLER, admissionOf(id, time.now()), rowOf(id));
    const heat = async (): Promise<void> => {
      for (let at = 0; at < 20; at += 1) admit();
      await time.play(0);
    };
    await heat();
    return { time, blocks, admit, heat };
  };

  // Whom the object had turned away was admitted a moment later, by what it had lent to what he was by then:
  // purged answers were given again, and a changed policy was not there yet.
  it("admits nobody whose record is older than the block", async () => {
    const { time, blocks, admit } = await stage();
    expect(admit()?.ok).toBe(true);
    const as = (revisions: Caller["revisions"]) =>
      blocks.admit({ ...CALLER, revisions }, admissionOf("any", time.now()), rowOf("any"));
    expect(as({ key: 1, org: 0 })).toBeUndefined();
    expect(as({ key: 0, org: 1 })).toBeUndefined();
    expect(as({ key: 1, org: 1 })?.ok).toBe(true);
    expect(as({ key: 1, org: 2 })?.ok).toBe(true);
  });

  it("knows what it has admitted until the object knows of its end", async () => {
    const { blocks, admit } = await stage();
    expect(admit("mine")).toMatchObject({ ok: true });
    expect(blocks.drawing("mine")?.drawn).toMatchObject({ id: "mine" });
    blocks.ended("mine");
    expect(blocks.drawing("mine")).toBeUndefined();
  });

  // Each request that the runtime had killed stayed in the isolate's memory, and its block with it.
  it("forgets a request whose end nobody tells when its time is over", async () => {
    const { time, blocks, admit, heat } = await stage();
    admit("killed");
    await time.play(RUNS_MS + GRACE_MS - 1);
    await heat();
    admit();
    expect(blocks.drawing("killed")).toBeDefined();
    await time.play(MINUTE_MS);
    await heat();
    admit();
    expect(blocks.drawing("killed")).toBeUndefined();
  });

  it("does not keep a block that nobody has given back, nor takes its key for hot", () => {
    const heat = createHeat();
    const now = 1_700_000_000_000;
    const one = heat.of(CALLER, [], now);
    const block = { cost: NO_COST, requests: undefined, tokens: undefined, edition: "first" };
    const until = now + LEASE_MS;
    one.blocks.push({
      id: "block",
      until,
      block,
      left: NO_COST,
      owner: CALLER.lineage,
      running: new Map(),
    });
    expect(heat.isHot(one, until - 1)).toBe(true);
    expect(heat.isHot(one, until)).toBe(false);
    expect(one.blocks).toEqual([]);
  });
});

describe("what was taken of shared limits", () => {
  const stage = () => {
    const time = createVirtualTime();
    const settled: unknown[] = [];
    const rule = requestsRule();
    const hold = { place: "redis", key: "k", rule, window: 0, amount: 1 } as const;
    const shared = createSharedLimits({
      limits: {
        take: async () => ({ ok: true, holds: [hold], standings: [], shadow: [] }),
        settle: async (holds) => settled.push(holds) > 0,
      },
      clock: time,
      background: () => {},
    });
    const take = (id: string) => shared.take(CALLER, admissionOf(id, time.now()));
    return { time, settled, shared, take };
  };

  it("is settled once", async () => {
    const { settled, shared, take } = stage();
    await take("a");
    shared.settle("a", NOTHING);
    shared.settle("a", NOTHING);
    expect(settled).toHaveLength(1);
  });

  it("is forgotten with a request whose end nobody tells", async () => {
    const { time, settled, shared, take } = stage();
    await take("killed");
    await time.play(OVER_MS);
    await take("next");
    shared.settle("killed", NOTHING);
    expect(settled).toEqual([]);
  });
});
