import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { Secret } from "../../src/base/secret.ts";
import { createResponseCache } from "../../src/platform/response-cache.ts";
import { createCacheCrypto } from "../../src/platform/response-cache-crypto.ts";
import { createRecentAnswers } from "../../src/platform/response-cache-memory.ts";
import { createTestClock } from "../support/clock.ts";

const MASTER = new Secret("a-master-key-of-some-length");

/** One isolate: what it has begun in the background can be waited for. */
const isolate = (kv: KVNamespace = env.KV) => {
  const clock = createTestClock();
  const works: Promise<unknown>[] = [];
  const background = (work: Promise<unknown>) => void works.push(work);
  const cache = createResponseCache({ kv, clock, masterKey: MASTER, background });
  return { clock, cache, idle: () => Promise.all(works) };
};

describe("a kept answer", () => {
  it("is there at once for its isolate, and then for every other", async () => {
    const one = isolate();
    const name = await one.cache.name("tenant-a", "asked");
    one.cache.write("tenant-a", name, "an answer", 60);
    expect(one.cache.recent("tenant-a", name)).toBe("an answer");
    await one.idle();
    const other = isolate();
    expect(other.cache.recent("tenant-a", name)).toBeUndefined();
    expect(await other.cache.read("tenant-a", name)).toBe("an answer");
    expect(other.cache.recent("tenant-a", name)).toBe("an answer");
  });

  it("lies under a name that another tenant's same question does not have", async () => {
    const { cache } = isolate();
    const name = await cache.name("tenant-a", "asked");
    expect(name).toMatch(/^[0-9a-f]{64}$/);
    expect(await cache.name("tenant-a", "asked")).toBe(name);
    expect(await cache.name("tenant-b", "asked")).not.toBe(name);
  });

  it("cannot be read in storage, and does not open in another's place", async () => {
    const one = isolate();
    const name = await one.cache.name("tenant-a", "secret question");
    one.cache.write("tenant-a", name, "a secret answer", 60);
    await one.idle();
    const sealed = await env.KV.get(`cache/1/tenant-a/${name}`, "arrayBuffer");
    const bytes = sealed ?? new ArrayBuffer(0);
    expect(bytes.byteLength).toBeGreaterThan(0);
    expect(new TextDecoder().decode(bytes)).not.toContain("secret");
    const elsewhere = await one.cache.name("tenant-a", "another question");
    await env.KV.put(`cache/1/tenant-a/${elsewhere}`, bytes);
    await env.KV.put(`cache/1/tenant-b/${name}`, bytes);
    const { cache } = isolate();
    expect(await cache.read("tenant-a", elsewhere)).toBeUndefined();
    expect(await cache.read("tenant-b", name)).toBeUndefined();
    expect(await cache.read("tenant-a", name)).toBe("a secret answer");
  });

  it("that was changed, or sealed under another root secret, does not open", async () => {
    const crypto = createCacheCrypto(MASTER);
    const sealed = await crypto.seal("t", "n", "answer");
    expect(await crypto.open("t", "n", sealed)).toBe("answer");
    const other = createCacheCrypto(new Secret("another-master-key"));
    expect(await other.open("t", "n", sealed)).toBeUndefined();
    for (const at of [0, 1, sealed.length - 1]) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(await crypto.open("t", "n", changed)).toBeUndefined();
    }
  });

  it("is a miss where storage fails or says nothing, and writing does not fail either", async () => {
    const broken = {
      get: () => Promise.reject(new Error("down")),
      put: () => Promise.reject(new Error("down")),
    } as unknown as KVNamespace;
    const { cache, idle } = isolate(broken);
    expect(await cache.read("t", "n")).toBeUndefined();
    cache.write("t", "n", "answer", 60);
    await idle();
    const silent = isolate({ get: () => new Promise(() => {}) } as unknown as KVNamespace);
    const reading = silent.cache.read("t", "n");
    await silent.clock.advance(1_000);
    expect(await reading).toBeUndefined();
  });

  it("stays in storage as long as it is of use, and a minute at least: KV takes no less", async () => {
    const given: unknown[] = [];
    const put = async (_: string, __: unknown, how: unknown) => void given.push(how);
    const { cache, idle } = isolate({ put } as unknown as KVNamespace);
    for (const seconds of [0.5, 60, 99.5]) cache.write("t", "n", "answer", seconds);
    await idle();
    expect(given).toEqual([60, 60, 100].map((expirationTtl) => ({ expirationTtl })));
  });

  it("that is of no use any more is not written, nor what is very long", async () => {
    const { cache, idle } = isolate();
    cache.write("t", "old", "answer", 0);
    cache.write("t", "long", "x".repeat(3_000_000), 60);
    await idle();
    expect(cache.recent("t", "old")).toBeUndefined();
    expect(await env.KV.get("cache/1/t/old")).toBeNull();
    expect(await env.KV.get("cache/1/t/long")).toBeNull();
  });
});

describe("the memory of an isolate", () => {
  it("goes on with what it knows for half a minute", async () => {
    const clock = createTestClock();
    const recent = createRecentAnswers(clock);
    recent.put("a", "1");
    await clock.advance(29_999);
    expect(recent.get("a")).toBe("1");
    await clock.advance(1);
    expect(recent.get("a")).toBeUndefined();
  });

  it("gives up what was asked for least lately", () => {
    const recent = createRecentAnswers(createTestClock());
    recent.put("a", "a".repeat(1_500_000));
    recent.put("b", "b".repeat(1_500_000));
    expect(recent.get("a")).toBeDefined();
    recent.put("c", "c".repeat(1_500_000));
    expect(recent.get("b")).toBeUndefined();
    expect(recent.get("a")).toBeDefined();
    expect(recent.get("c")).toBeDefined();
    recent.put("d", "d".repeat(5_000_000));
    expect(recent.get("d")).toBeUndefined();
    expect(recent.get("a")).toBeDefined();
  });
});
