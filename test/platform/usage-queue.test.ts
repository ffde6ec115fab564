import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { UsageMessage } from "../../src/domain/usage-message.ts";
import { createUsageConsumer, type UsageConsumer } from "../../src/platform/usage.ts";
import { createDeadLetters, type DeadLetters } from "../../src/platform/usage-dead-letters.ts";
import { createUsageQueue, type Delivered } from "../../src/platform/usage-queue.ts";
import { ARRIVAL, ledgerRow } from "../support/ledger-rows.ts";
import { migrated } from "./tenants-database.ts";

const DAY = 86_400_000;
const by = { actor: "root", requestId: "req_1" };

let db: D1Database;
let consumer: UsageConsumer;
let deadLetters: DeadLetters;
const clock = { now: () => ARRIVAL, after: () => () => {} };
beforeAll(async () => {
  db = await migrated();
  consumer = createUsageConsumer({ db });
  deadLetters = createDeadLetters({ db, clock, consumer });
});
beforeEach(async () => {
  await db.batch(
    ["usage_rows", "usage_hours", "usage_sizes", "usage_waits", "dead_letters"].map((name) =>
      db.prepare(`DELETE FROM ${name}`),
    ),
  );
});

const row = (id: string): UsageMessage => ({ kind: "row", row: ledgerRow(id) });
/** What no version of the database can hold. */
const poison = { kind: "row", row: { ...ledgerRow("p"), shadow: "none" } };

/** A batch, and what became of each message: "ack", or the seconds after which it is tried again. */
const batch = (queue: string, ...bodies: unknown[]) => {
  const fates: (string | number | undefined)[] = bodies.map(() => undefined);
  const delivered: Delivered = {
    queue,
    messages: bodies.map((body, at) => ({
      ...{ id: `message-${at}`, timestamp: new Date(ARRIVAL), body, attempts: 3 },
      ack: () => {
        fates[at] = "ack";
      },
      retry: (options) => {
        fates[at] = options?.delaySeconds ?? 0;
      },
    })),
  };
  return { fates, delivered };
};

const counted = async () =>
  db.prepare("SELECT coalesce(sum(requests), 0) AS n FROM usage_hours").first<number>("n");

describe("the queue of usage", () => {
  it("acknowledges what it has applied", async () => {
    const { delivered, fates } = batch("headgate-usage", row("a"), row("b"), row("a"));
    await createUsageQueue({ consumer, deadLetters })(delivered);
    expect(fates).toEqual(["ack", "ack", "ack"]);
    expect(await counted()).toBe(2);
  });

  it("lets nothing that cannot be applied hold back the rest", async () => {
    const { delivered, fates } = batch(
      "headgate-usage",
      ...[poison, row("a"), "not a message", row("b"), { kind: "of tomorrow" }, row("c")],
    );
    await createUsageQueue({ consumer, deadLetters })(delivered);
    expect(fates).toEqual([20, "ack", 20, "ack", 20, "ack"]);
    expect(await counted()).toBe(3);
  });

  it("asks a database that is down twice, and tries all again later", async () => {
    let asked = 0;
    const down: UsageConsumer = {
      ...consumer,
      apply: () => {
        asked += 1;
        return Promise.reject(new Error("down"));
      },
      answers: async () => {
        asked += 1;
        return false;
      },
    };
    const { delivered, fates } = batch("headgate-usage", row("a"), row("b"), row("c"));
    await createUsageQueue({ consumer: down, deadLetters })(delivered);
    expect(fates).toEqual([20, 20, 20]);
    expect(asked).toBe(2);
  });
});

describe("dead letters", () => {
  const bury = async (...bodies: unknown[]) => {
    const { delivered, fates } = batch("headgate-usage-dlq", ...bodies);
    await createUsageQueue({ consumer, deadLetters })(delivered);
    return fates;
  };
  const left = async () =>
    (await deadLetters.list({ limit: 9, cursor: "" })).data.map(({ id, attempts }) => [
      id,
      attempts,
    ]);

  it("are kept once, however often they come", async () => {
    expect(await bury(row("a"), poison)).toEqual(["ack", "ack"]);
    await bury(row("a"), poison);
    const { data, next_cursor } = await deadLetters.list({ limit: 1, cursor: "" });
    expect(data).toEqual([{ id: "message-0", at: ARRIVAL, body: row("a"), attempts: 0 }]);
    expect(next_cursor).toBe("message-0");
    expect(await left()).toHaveLength(2);
  });

  it("stay in their queue where they cannot be kept", async () => {
    const { delivered, fates } = batch("headgate-usage-dlq", row("a"));
    const keep = () => Promise.reject(new Error("down"));
    await createUsageQueue({ consumer, deadLetters: { keep } })(delivered);
    expect(fates).toEqual([300]);
  });

  it("are counted once when they are replayed, removed, and put on record", async () => {
    await bury(row("a"), row("b"));
    const wish = deadLetters.replay(["message-0", "none"], by);
    expect(await wish).toEqual({ replayed: ["message-0"], failed: [] });
    expect(await deadLetters.replay(["message-0"], by)).toEqual({ replayed: [], failed: [] });
    expect(await counted()).toBe(1);
    expect(await left()).toEqual([["message-1", 0]]);
    const { results } = await db
      .prepare("SELECT actor, action, target FROM audit WHERE action = 'dead_letter.replay'")
      .all();
    expect(results).toEqual([
      { actor: "root", action: "dead_letter.replay", target: "dead-letter/message-0" },
    ]);
  });

  it("are all replayed where none is named, and stay where it fails", async () => {
    await bury(row("a"), poison, "not a message");
    expect(await deadLetters.replay(undefined, by)).toEqual({
      replayed: ["message-0"],
      failed: ["message-1", "message-2"],
    });
    expect(await left()).toEqual([
      ["message-1", 1],
      ["message-2", 1],
    ]);
  });

  it("are not replayed once their rows may have been pruned", async () => {
    await bury({ kind: "row", row: ledgerRow("old", { at: ARRIVAL - 15 * DAY }) });
    expect(await deadLetters.replay(undefined, by)).toMatchObject({ failed: ["message-0"] });
    expect(await counted()).toBe(0);
  });
});
