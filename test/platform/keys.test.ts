import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { Secret } from "../../src/base/secret.ts";
import { createKeys } from "../../src/platform/keys.ts";
import { createKeyStore, type KeyStore, type NewKey } from "../../src/platform/keys-store.ts";
import { createTenants, type Tenants } from "../../src/platform/tenants.ts";
import { bench, by, plainKey, roots } from "./keys-support.ts";
import { migrated, noObjects } from "./tenants-database.ts";

const admin = bench();
let store: KeyStore;
let tenants: Tenants;

beforeAll(async () => {
  await migrated();
  tenants = createTenants({ db: env.DB, kv: env.KV, clock: admin.clock, ...noObjects });
  store = createKeyStore({ ...noObjects, db: env.DB, kv: env.KV, clock: admin.clock, roots });
  await tenants.create("org", "acme", { id: "acme", name: "Acme", policy: {} }, by);
  await tenants.create("team", "acme", { id: "core", name: "Core", policy: {} }, by);
});

async function newKey(more: Partial<typeof plainKey> = {}): Promise<NewKey> {
  const made = await store.create("acme", { ...plainKey, ...more }, by);
  if (!made.ok) throw new Error(made.error.code);
  return made.value;
}

const invalid = { ok: false, error: "invalid" };

describe("a live key", () => {
  it("is its holder, with the policies from the organisation down", async () => {
    const limits = { mode: "off" as const, rules: [] };
    await tenants.create("org", "deep", { id: "deep", name: "", policy: { limits } }, by);
    await tenants.create("user", "deep", { id: "ann", name: "", policy: {} }, by);
    const made = await store.create(
      "deep",
      { ...plainKey, user: "ann", name: "n", tags: { a: "b" }, policy: { models: { deny: [] } } },
      by,
    );
    if (!made.ok) throw new Error(made.error.code);
    expect(await createKeys(bench()).verify(made.value.key)).toEqual({
      ok: true,
      value: {
        org: "deep",
        tenant: made.value.key.slice(8, 16),
        team: undefined,
        user: "ann",
        key: made.value.id,
        keyName: "n",
        scopes: new Set(["chat"]),
        tags: { a: "b" },
        expiresAt: undefined,
        policies: [{ limits }, { models: { deny: [] } }],
        levels: [
          { place: "org", policy: { limits } },
          { place: "key", policy: { models: { deny: [] } } },
        ],
        lineage: made.value.id,
        revisions: { key: 1, org: 1, user: 1 },
        locationHint: undefined,
      },
    });
  });

  it("is read from the database once, then from KV, then from memory", async () => {
    const { key } = await newKey();
    const first = bench();
    await createKeys(first).verify(key);
    await first.settled();
    expect(first.lookups).toEqual({ kv: 1, db: 2 });
    const second = bench();
    const keys = createKeys(second);
    await keys.verify(key);
    expect(second.lookups).toEqual({ kv: 1, db: 0 });
    await keys.verify(key);
    expect(second.lookups).toEqual({ kv: 1, db: 0 });
  });

  it("is looked up once by many requests at the same time", async () => {
    const { key } = await newKey();
    const watch = bench();
    const keys = createKeys(watch);
    const answers = await Promise.all(Array.from({ length: 50 }, () => keys.verify(key)));
    expect(answers.every((answer) => answer.ok)).toBe(true);
    expect(watch.lookups.kv).toBe(1);
  });

  it("is read anew once before its time is over, by requests that do not wait for it", async () => {
    const { key } = await newKey();
    let reads = 0;
    let gate = Promise.resolve();
    const kv = new Proxy(env.KV, {
      get:
        (from, name) =>
        async (...args: unknown[]) => {
          if (name === "get" && String(args[0]).startsWith("key/")) {
            reads += 1;
            await gate;
          }
          return Reflect.apply(Reflect.get(from, name) as () => unknown, from, args);
        },
    });
    const watch = bench({ kv });
    const keys = createKeys(watch);
    await keys.verify(key);
    await watch.settled();
    const opened = Promise.withResolvers<void>();
    gate = opened.promise;
    watch.now += 4_500;
    const answers = await Promise.all(Array.from({ length: 50 }, () => keys.verify(key)));
    expect(answers.every((answer) => answer.ok)).toBe(true);
    expect(reads).toBe(2);
    opened.resolve();
    await watch.settled();
  });

  it("is not waited for by a request that comes long after one that hangs", async () => {
    const { key } = await newKey();
    const watch = bench();
    let asked = 0;
    const hanging = new Promise(() => {});
    const first = Promise.withResolvers<void>();
    const kv = new Proxy(env.KV, {
      get: () => () => {
        first.resolve();
        return asked++ === 0 ? hanging : Promise.resolve(null);
      },
    });
    const keys = createKeys({ ...watch, kv });
    void keys.verify(key);
    await first.promise;
    watch.now += 1_001;
    expect((await keys.verify(key)).ok).toBe(true);
  });

  it("is from then on what it was found to be when somebody was told that he is behind", async () => {
    const { id, key } = await newKey({ tags: { project: "old" } });
    const watch = bench();
    const keys = createKeys(watch);
    const tags = async () => {
      const caller = await keys.verify(key);
      return caller.ok ? caller.value.tags : undefined;
    };
    const before = await keys.verify(key);
    if (!before.ok) throw new Error(before.error);
    await store.patch(id, () => ({ ok: true, value: { ...plainKey, tags: {} } }), by);
    expect(await tags()).toEqual({ project: "old" });
    await keys.refresh(before.value);
    const { db } = watch.lookups;
    expect(await tags()).toEqual({});
    expect(watch.lookups.db).toBe(db);
  });

  it("is what it is now as soon as a change of keys was made here, also for who had begun to look", async () => {
    const { id, key } = await newKey();
    const watch = bench();
    const keys = createKeys(watch);
    const looking = keys.verify(key);
    await store.revoke(id, by);
    keys.forget();
    await looking;
    expect(await keys.verify(key)).toEqual(invalid);
  });

  it("is still valid when KV fails", async () => {
    const { key } = await newKey();
    const kv = new Proxy(env.KV, { get: () => () => Promise.reject(new Error("KV is down")) });
    const watch = bench({ kv });
    expect((await createKeys(watch).verify(key)).ok).toBe(true);
    await watch.settled();
  });
});

describe("a forged key", () => {
  it("never reaches KV or the database", async () => {
    const { key } = await newKey();
    const watch = bench();
    const keys = createKeys(watch);
    const last = key.at(-1) === "0" ? "1" : "0";
    const forged = [
      key.slice(0, -1) + last,
      key.replace(/.{32}_/, `${"0".repeat(32)}_`),
      `${key.slice(0, 8)}zzzzzzzz${key.slice(16)}`,
      `${key.slice(0, 16)}zzzzzzzz${key.slice(24)}`,
      key.slice(0, -1),
      `${key}, ${key}`,
      "x".repeat(8192),
      "",
    ];
    for (const token of forged) expect(await keys.verify(token)).toEqual(invalid);
    expect(watch.lookups).toEqual({ kv: 0, db: 0 });
  });

  it("made with another master key is refused", async () => {
    const other = { ...roots, masterKey: new Secret("another") };
    const strange = createKeyStore({
      ...noObjects,
      db: env.DB,
      kv: env.KV,
      clock: admin.clock,
      roots: other,
    });
    const made = await strange.create("acme", plainKey, by);
    const watch = bench();
    expect(made.ok && (await createKeys(watch).verify(made.value.key))).toEqual(invalid);
    expect(watch.lookups).toEqual({ kv: 0, db: 0 });
  });
});

describe("a key with a good tag", () => {
  it("is refused when what is kept is of another secret", async () => {
    const [one, two] = [await newKey(), await newKey()];
    await env.DB.prepare(
      "UPDATE keys SET digest = (SELECT digest FROM keys WHERE id = ?) WHERE id = ?",
    )
      .bind(two.id, one.id)
      .run();
    expect(await createKeys(bench()).verify(one.key)).toEqual(invalid);
  });

  it("is refused from the moment it expires, also from memory", async () => {
    const { key } = await newKey({ expires_at: 1_002_000 });
    const watch = bench();
    const keys = createKeys(watch);
    watch.now = 1_001_999;
    expect((await keys.verify(key)).ok).toBe(true);
    watch.now = 1_002_000;
    expect(await keys.verify(key)).toEqual(invalid);
  });

  it("is accepted under the pepper before this one, and under no other", async () => {
    const { key } = await newKey();
    const [old] = roots.peppers;
    const fresh = new Secret("a new pepper");
    const during = { ...roots, peppers: [fresh, old] } as const;
    const after = { ...roots, peppers: [fresh] } as const;
    expect((await createKeys(bench({ roots: during })).verify(key)).ok).toBe(true);
    expect(await createKeys(bench({ roots: after })).verify(key)).toEqual(invalid);
  });

  it("of an admin is of the wrong class", async () => {
    const made = await store.create(null, { ...plainKey, scopes: ["keys:read"] }, by);
    expect(made.ok && (await createKeys(bench()).verify(made.value.key))).toEqual({
      ok: false,
      error: "wrong_class",
    });
  });
});
