import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { UsageMessage } from "../../src/domain/usage-message.ts";
import { withQueue } from "./organisation-queue.ts";
import { newWorld, pruneAgain, rowOf, ruleOf } from "./organisation-world.ts";

const rowsIn = (messages: readonly UsageMessage[]): string[] =>
  messages.flatMap((message) =>
    message.kind === "row" ? [`${message.row.request_id}:${message.row.version}`] : [],
  );

describe("refusals of an object", () => {
  it("are counted by code and limit, and told with the next alarm", async () => {
    const { object, call, principal } = await newWorld();
    const queue = await withQueue(object);
    const rules = [ruleOf({ max: 1, level: "team" })];
    for (const id of ["a", "b", "c"]) await object.admit(call(id, rules), []);
    await object.admit(call("too-large", [ruleOf({ max: 1, unit: "tokens" })], { tokens: 2 }), []);
    await runDurableObjectAlarm(object);
    expect(queue.taken).toMatchObject([
      {
        kind: "denials",
        denials: [
          {
            org: principal.org,
            status: 429,
            code: "rate_limit_requests",
            rule: "team/requests/hour",
            count: 2,
          },
        ],
      },
    ]);
  });
});

describe("what an object has to tell", () => {
  it("F51 is told once the queue takes it, however often it refused before", async () => {
    const { object, call, end } = await newWorld();
    const queue = await withQueue(object);
    queue.refuses = true;
    await object.admit(call("a", []), []);
    await object.end([end("a", 7)]);
    for (let time = 0; time < 7; time += 1) expect(await runDurableObjectAlarm(object)).toBe(true);
    expect([queue.asked, queue.taken.length]).toEqual([7, 0]);
    queue.refuses = false;
    await runDurableObjectAlarm(object);
    expect(rowsIn(queue.taken)).toEqual(["a:2"]);
    expect(await object.row("a")).toMatchObject({ output_tokens: 7 });
  });

  it("F51 is not told again by an alarm that rings twice, or late", async () => {
    const { object, call, end } = await newWorld();
    const queue = await withQueue(object);
    await object.admit(call("a", []), []);
    await object.end([end("a", 7)]);
    await Promise.all([1, 2].map(() => runInDurableObject(object, (it) => it.alarm())));
    await runInDurableObject(object, (it) => it.alarm());
    expect(rowsIn(queue.taken)).toEqual(["a:2"]);
  });

  // A sweep that fails must not keep the ledger from being told.
  it("F51 is told although something else in the alarm fails each time", async () => {
    const { object, call, end } = await newWorld();
    const queue = await withQueue(object);
    await object.admit(call("a", []), []);
    await object.end([end("a", 7)]);
    await runInDurableObject(object, (instance) => {
      const { core } = instance as unknown as { core: { sweep(): void } };
      core.sweep = () => {
        throw new Error("SQLITE_ERROR");
      };
    });
    for (let time = 0; time < 7; time += 1) {
      await runInDurableObject(object, (it) => it.alarm().catch(() => undefined));
    }
    expect(rowsIn(queue.taken)).toEqual(["a:2"]);
    expect(await runInDurableObject(object, (_, { storage }) => storage.getAlarm())).not.toBeNull();
  });

  // What an alarm did after the thing that failed was never done, and the overdue half of it woke the object at once.
  it("keeps nothing else from being swept that fails each time, and wakes the object a moment later", async () => {
    const { object, principal } = await newWorld();
    await withQueue(object);
    const wish = { principal, id: "key", fingerprint: "request", owner: "run" };
    expect(await object.onceBegin(wish)).toMatchObject({ is: "go" });
    const left = await runInDurableObject(object, async (instance, { storage }) => {
      storage.sql.exec("UPDATE once SET until = 1, state = json_set(state, '$.until', 1)");
      const failing = instance as unknown as Record<"core" | "once", { sweep(): void }>;
      const fail = () => {
        throw new Error("SQLITE_ERROR");
      };
      failing.core.sweep = fail;
      await instance.alarm().catch(() => undefined);
      const swept = storage.sql.exec("SELECT 1 FROM once").toArray().length;
      await instance.onceBegin(wish);
      storage.sql.exec("UPDATE once SET until = 1, state = json_set(state, '$.until', 1)");
      failing.once.sweep = fail;
      await storage.deleteAlarm();
      await instance.alarm().catch(() => undefined);
      return { swept, wakes: (await storage.getAlarm()) ?? 0 };
    });
    expect(left.swept).toBe(0);
    expect(left.wakes).toBeGreaterThan(Date.now());
  });

  it("is told within five seconds", async () => {
    const { object, end } = await newWorld();
    await object.end([end("a", 1)]);
    const wakes = await runInDurableObject(object, (_, { storage }) => storage.getAlarm());
    expect((wakes ?? Number.NaN) - Date.now()).toBeLessThanOrEqual(5_000);
  });

  // A batch may have 100 messages and 256 kB; rows with many tags and shadow decisions are larger than most.
  it.each([0, 60])("fits into the queue's batches, of rows with %i decisions", async (length) => {
    const { object, end } = await newWorld();
    const queue = await withQueue(object);
    const shadow = Array.from({ length }, (_, at) => ({
      section: "limits",
      decision: `deny:tag:a-rather-long-name-${at}/requests/minute`,
    }));
    const ends = Array.from({ length: 120 }, (_, at) => ({
      ...end(`r${at}`, 1),
      row: rowOf(`r${at}`, { shadow }),
    }));
    await object.end(ends);
    await runDurableObjectAlarm(object);
    expect(rowsIn(queue.taken)).toHaveLength(120);
    expect(queue.longest).toBeLessThanOrEqual(100);
    expect(queue.largest).toBeLessThanOrEqual(256_000);
  });

  it("stays in the object until it is told, however old it is", async () => {
    const { object, end } = await newWorld();
    const queue = await withQueue(object);
    queue.refuses = true;
    await object.end([end("a", 7)]);
    await runInDurableObject(object, (instance, { storage }) => {
      storage.sql.exec("UPDATE request SET at = 0");
      pruneAgain(instance);
    });
    await runDurableObjectAlarm(object);
    queue.refuses = false;
    await runDurableObjectAlarm(object);
    expect(rowsIn(queue.taken)).toEqual(["a:2"]);
    expect(await object.row("a")).toBeDefined();
    await runInDurableObject(object, (instance) => {
      pruneAgain(instance);
      return instance.alarm();
    });
    expect(await object.row("a")).toBeUndefined();
  });

  // A line a key and day stayed for ever.
  it("leaves what a key has spent for as long as somebody may ask for it, and no longer", async () => {
    const { object, end } = await newWorld();
    await withQueue(object);
    const daysAgo = (days: number): number => Date.now() - days * 86_400_000;
    const told = [0, 30, 90].map((days) => {
      const one = end(`r${days}`, 1, 5);
      return { ...one, row: { ...one.row, at: daysAgo(days) } };
    });
    await object.end(told);
    await runInDurableObject(object, (instance) => {
      pruneAgain(instance);
      return instance.alarm();
    });
    const days = await runInDurableObject(object, (_, { storage: { sql } }) =>
      sql.exec<{ day: string }>("SELECT day FROM spend ORDER BY day").toArray(),
    );
    const kept = [30, 0].map((ago) => new Date(daysAgo(ago)).toISOString().slice(0, 10));
    expect(days.map(({ day }) => day)).toEqual(kept);
  });
});
