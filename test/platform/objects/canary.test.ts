import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CanaryBatch, CanaryObject } from "../../../src/platform/objects/canary.ts";
import { type CanaryOutcome, tallyOf } from "../../../src/policy/view/canary.ts";

const outcome = (more: Partial<CanaryOutcome> = {}): CanaryOutcome => ({
  canary: { id: "try", baseline: "old", candidate: "new" },
  arm: "candidate",
  ok: true,
  ms: 20,
  costNanoUsd: 1_500,
  tokens: 10,
  ...more,
});
const batch = (number: number, requests = 1, sender = "one"): CanaryBatch => ({
  sender,
  number,
  tally: tallyOf(Array<CanaryOutcome>(requests).fill(outcome())),
});

let next = 0;
let stub: DurableObjectStub<CanaryObject>;
beforeEach(() => {
  stub = env.CANARY.getByName(`canary-${next++}`);
});
const requests = async (): Promise<number> => (await stub.report()).candidate.requests;
const QUIET = { requests: 0, errors: 0, p50_ms: 0, p99_ms: 0, cost_usd: 0, tokens: 0 };

describe("a canary's object", () => {
  it("tells zeros before anything was counted", async () => {
    expect(await stub.report()).toEqual({ baseline: QUIET, candidate: QUIET });
  });

  it("adds up the batches of all senders, arm by arm", async () => {
    await stub.count(batch(1, 3));
    await stub.count(batch(2, 2));
    const failed = outcome({ arm: "baseline", ok: false, tokens: 0, costNanoUsd: undefined });
    await stub.count({ sender: "two", number: 1, tally: tallyOf([failed]) });
    expect(await stub.report()).toEqual({
      baseline: { ...QUIET, requests: 1, errors: 1 },
      candidate: {
        requests: 5,
        errors: 0,
        p50_ms: 20,
        p99_ms: 20,
        cost_usd: 0.0000075,
        tokens: 50,
      },
    });
  });

  it("counts a repeated batch once, and an older one that comes late not again", async () => {
    for (const number of [1, 1, 2, 2, 1]) await stub.count(batch(number));
    expect(await requests()).toBe(2);
  });

  it("counts a batch once that comes many times at once", async () => {
    await Promise.all(Array.from({ length: 20 }, () => stub.count(batch(1, 5))));
    expect(await requests()).toBe(5);
  });

  it("goes on after an eviction between any two batches, repeated ones included", async () => {
    for (const number of [1, 1, 2, 2, 3]) {
      await stub.count(batch(number));
      await evictDurableObject(stub);
    }
    expect(await requests()).toBe(3);
  });

  it("has kept a batch when it acknowledges it", async () => {
    await stub.count(batch(1, 4));
    await runInDurableObject(stub, async (_, state) => {
      const [row] = state.storage.sql.exec<{ tally: string }>("SELECT tally FROM counts").toArray();
      expect(JSON.parse(row?.tally ?? "null")).toEqual(batch(1, 4).tally);
    });
  });

  it("neither counts nor remembers a batch of which it cannot keep both", async () => {
    await stub.count(batch(1));
    await runInDurableObject(stub, async (object, state) => {
      state.storage.sql.exec(
        "CREATE TRIGGER no_room BEFORE UPDATE ON senders BEGIN SELECT RAISE(ABORT, 'no room'); END",
      );
      expect(() => object.count(batch(2))).toThrow();
      state.storage.sql.exec("DROP TRIGGER no_room");
    });
    expect(await requests()).toBe(1);
    await stub.count(batch(2));
    expect(await requests()).toBe(2);
  });

  it("forgets senders that have been silent for a week, and keeps what they counted", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_700_000_000_000 });
    try {
      await stub.count(batch(1, 3, "old"));
      vi.setSystemTime(1_700_000_000_000 + 8 * 86_400_000);
      await stub.count(batch(1, 2, "new"));
    } finally {
      vi.useRealTimers();
    }
    const senders = await runInDurableObject(stub, async (_, state) =>
      state.storage.sql
        .exec<{ sender: string }>("SELECT sender FROM senders")
        .toArray()
        .map(({ sender }) => sender),
    );
    expect([senders, await requests()]).toEqual([["new"], 5]);
  });
});
