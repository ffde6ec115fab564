import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createKeys } from "../../src/platform/keys.ts";
import { withdraw } from "../../src/platform/keys-published.ts";
import { createKeyStore, type KeyStore, type NewKey } from "../../src/platform/keys-store.ts";
import { createTenants } from "../../src/platform/tenants.ts";
import { bench, by, plainKey, roots } from "./keys-support.ts";
import { migrated, noObjects } from "./tenants-database.ts";

const admin = bench();
let store: KeyStore;

beforeAll(async () => {
  await migrated();
  const tenants = createTenants({ db: env.DB, kv: env.KV, clock: admin.clock, ...noObjects });
  store = createKeyStore({ ...noObjects, db: env.DB, kv: env.KV, clock: admin.clock, roots });
  await tenants.create("org", "acme", { id: "acme", name: "Acme", policy: {} }, by);
});

// What one test changes is long past for the next.
beforeEach(() => {
  admin.now += 3_600_000;
});

const invalid = { ok: false, error: "invalid" };
const refusing = (why: string) => () => Promise.reject(new Error(why));
const kvWith = (own: Partial<Record<"get" | "put", unknown>>): KVNamespace =>
  new Proxy(env.KV, {
    get: (from, name) => Reflect.get({ ...own }, name) ?? Reflect.get(from, name).bind(from),
  });

/** A key that an isolate has known for `ms` milliseconds, used every second. */
async function known(ms: number, watch = bench()) {
  const made = await store.create("acme", plainKey, by);
  if (!made.ok) throw new Error(made.error.code);
  const key: NewKey = made.value;
  const keys = createKeys(watch);
  watch.now = admin.now;
  const use = () => keys.verify(key.key);
  const each = async (seconds: number): Promise<boolean[]> => {
    const answers: boolean[] = [];
    for (let second = 0; second < seconds; second++) {
      watch.now += 1_000;
      answers.push((await use()).ok);
      await watch.settled();
    }
    return answers;
  };
  await use();
  await watch.settled();
  await each(ms / 1_000);
  admin.now = watch.now;
  return { key, watch, use, each };
}

describe("while no key changes", () => {
  it("a known key is read once a minute, and one look in five seconds does for all", async () => {
    const { watch, each } = await known(10_000);
    const before = { ...watch.lookups };
    await each(50);
    expect(watch.lookups.kv - before.kv).toBe(10);
    expect(watch.lookups.db).toBe(before.db);
    // Nobody looks while its record is young.
    await each(10);
    expect(watch.lookups.kv - before.kv).toBe(12);
  });

  it("a record whose change nobody told of goes within the minute", async () => {
    const { key, each } = await known(10_000);
    await env.DB.prepare("DELETE FROM keys WHERE id = ?").bind(key.id).run();
    await env.KV.delete(`key/3/${key.id}`);
    const answers = await each(60);
    expect(answers[0]).toBe(true);
    expect(answers.at(-1)).toBe(false);
  });
});

describe("a key that is revoked", () => {
  it.each([5_000, 12_000, 31_000])(
    "after %d ms of use is refused ten seconds later",
    async (ms) => {
      const { key, watch, use, each } = await known(ms);
      await store.revoke(key.id, by);
      await each(9);
      watch.now += 1_000;
      expect(await use()).toEqual(invalid);
    },
  );

  it("right after another is refused too, though KV takes one write a second", async () => {
    const { key, watch, use, each } = await known(12_000);
    await withdraw(env.KV, ["another"], admin.now);
    const kv = kvWith({ put: refusing("429") });
    const limited = createKeyStore({ ...noObjects, db: env.DB, kv, clock: admin.clock, roots });
    expect(await limited.revoke(key.id, by)).toEqual({ ok: true, value: null });
    await each(9);
    watch.now += 1_000;
    expect(await use()).toEqual(invalid);
  });

  it("is withdrawn, and the admin told, where nobody can be told of the change", async () => {
    const { key } = await known(1_000);
    const kv = kvWith({ put: refusing("KV is down") });
    const broken = createKeyStore({ ...noObjects, db: env.DB, kv, clock: admin.clock, roots });
    await expect(broken.revoke(key.id, by)).rejects.toThrow("KV is down");
    expect(await createKeys(bench()).verify(key.key)).toEqual(invalid);
  });
});

describe("a change", () => {
  it("puts every key under the short term again, for two minutes", async () => {
    const { key, watch, each } = await known(12_000);
    await withdraw(env.KV, ["another"], admin.now);
    await each(110);
    const before = { ...watch.lookups };
    await env.DB.prepare("DELETE FROM keys WHERE id = ?").bind(key.id).run();
    await env.KV.delete(`key/3/${key.id}`);
    expect((await each(5)).at(-1)).toBe(false);
    expect(watch.lookups.db).toBeGreaterThan(before.db);
  });

  it("is not taken for quiet when KV cannot be read", async () => {
    const kv = kvWith({ get: refusing("KV is down") });
    const { key, each } = await known(12_000, bench({ kv }));
    await env.DB.prepare("DELETE FROM keys WHERE id = ?").bind(key.id).run();
    expect((await each(5)).at(-1)).toBe(false);
  });
});
