import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { how, isolate, watched, withModel } from "./settings-setup.ts";
import { migrated } from "./tenants-database.ts";

beforeAll(migrated);

const database = () => watched(env.DB, ["prepare", "batch"]);
const store = () => watched(env.KV, ["getWithMetadata"]);
let name = "";
let next = 0;

// Each test begins with a version of its own in force and published.
beforeEach(async () => {
  name = `model-${next++}`;
  const { settings, settle } = isolate();
  await settings.put(withModel(name), how());
  await settle();
});

describe("an isolate", () => {
  it("reads what is published, and never the database", async () => {
    const db = database();
    const { settings } = isolate({ db: db.proxy });
    expect((await settings.current()).targets.has(name)).toBe(true);
    expect(db.seen.calls).toBe(0);
  });

  it("reads the database where nothing is published, and publishes what it found", async () => {
    await env.KV.delete("config/1");
    const db = database();
    const first = isolate({ db: db.proxy });
    expect((await first.settings.current()).targets.has(name)).toBe(true);
    expect(db.seen.calls).toBeGreaterThan(0);
    await first.settle();
    const second = database();
    expect((await isolate({ db: second.proxy }).settings.current()).targets.has(name)).toBe(true);
    expect(second.seen.calls).toBe(0);
  });

  it("answers from memory, without a promise, for five seconds", async () => {
    const kv = store();
    const { settings, time, work } = isolate({ kv: kv.proxy });
    const held = await settings.current();
    const reads = kv.seen.calls;
    time.now += 4_999;
    expect(settings.current()).toBe(held);
    expect([kv.seen.calls, work.length]).toEqual([reads, 0]);
  });

  it("then looks once in the background, while requests go on with what it has", async () => {
    const kv = store();
    const { settings, time, settle } = isolate({ kv: kv.proxy });
    const held = await settings.current();
    await isolate().settings.put(withModel("newer"), how());
    const reads = kv.seen.calls;
    time.now += 5_000;
    expect(settings.current()).toBe(held);
    expect(settings.current()).toBe(held);
    expect(kv.seen.calls).toBe(reads + 1);
    await settle();
    const now = settings.current();
    expect(now).not.toBe(held);
    expect((await now).targets.has("newer")).toBe(true);
  });

  it("waits for a look after eight seconds without requests: nobody gets what is long gone", async () => {
    const { settings, time } = isolate();
    await settings.current();
    await isolate().settings.put(withModel("newest"), how());
    time.now += 8_000;
    expect((await settings.current()).targets.has("newest")).toBe(true);
  });

  it("keeps the very snapshot while nothing changes", async () => {
    const { settings, time } = isolate();
    const held = await settings.current();
    time.now += 60_000;
    expect(await settings.current()).toBe(held);
  });

  it("never goes back to an older version that is still published", async () => {
    const writer = isolate();
    const old = await env.KV.getWithMetadata("config/1");
    const put = await writer.settings.put(withModel("forward"), how());
    await env.KV.put("config/1", old.value ?? "", { metadata: old.metadata });
    writer.time.now += 60_000;
    expect((await writer.settings.current()).version).toBe(put.ok ? put.value.version : -1);
  });

  it("goes on with what it has while storage is down, and looks again when it is back", async () => {
    const kv = store();
    const db = database();
    const { settings, time, settle } = isolate({ kv: kv.proxy, db: db.proxy });
    const held = await settings.current();
    kv.seen.broken = true;
    db.seen.broken = true;
    await isolate().settings.put(withModel("back"), how());
    time.now += 60_000;
    expect(await settings.current()).toBe(held);
    expect(settings.current()).toBe(held);
    kv.seen.broken = false;
    time.now += 60_000;
    expect((await settings.current()).targets.has("back")).toBe(true);
    await settle();
  });

  it("that has nothing yet fails while storage is down: there is no configuration to fall back to", async () => {
    const kv = store();
    const db = database();
    kv.seen.broken = true;
    db.seen.broken = true;
    const { settings } = isolate({ kv: kv.proxy, db: db.proxy });
    await expect(Promise.resolve(settings.current())).rejects.toThrow("storage is down");
  });
});

describe("publishing", () => {
  it("is tried again where the store refuses it, while the version is in force already", async () => {
    let refusals = 1;
    const kv = new Proxy(env.KV, {
      get(target, method) {
        const value: unknown = Reflect.get(target, method);
        if (typeof value !== "function") return value;
        return (...values: unknown[]) =>
          method === "put" && refusals-- > 0
            ? Promise.reject(new Error("429"))
            : (Reflect.apply(value, target, values) as unknown);
      },
    });
    const { settings, settle } = isolate({ kv });
    const put = await settings.put(withModel("late"), how());
    expect(put.ok).toBe(true);
    await settle();
    const published = await env.KV.getWithMetadata<{ etag: string }>("config/1");
    expect(published.metadata?.etag).toBe(put.ok ? put.value.etag : "");
  });

  it("ends with the newest version, in whatever order the writers come to it", async () => {
    const puts = await Promise.all(
      Array.from({ length: 8 }, (_, i) => isolate().settings.put(withModel(`p-${i}`), how())),
    );
    const newest = Math.max(...puts.map((put) => (put.ok ? put.value.version : 0)));
    const published = await env.KV.getWithMetadata<{ version: number }>("config/1");
    expect(published.metadata?.version).toBe(newest);
  });
});
