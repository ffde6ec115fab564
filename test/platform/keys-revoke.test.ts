import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { ok } from "../../src/base/result.ts";
import { createKeys } from "../../src/platform/keys.ts";
import { createKeyStore, type KeyStore, type NewKey } from "../../src/platform/keys-store.ts";
import { createTenants, type Tenants } from "../../src/platform/tenants.ts";
import { bench, by, plainKey, roots } from "./keys-support.ts";
import { migrated, noObjects } from "./tenants-database.ts";

const admin = bench();
const org = (id: string) => ({ kind: "org", org: id, id }) as const;
let store: KeyStore;
let tenants: Tenants;

beforeAll(async () => {
  await migrated();
  tenants = createTenants({ db: env.DB, kv: env.KV, clock: admin.clock, ...noObjects });
  store = createKeyStore({ ...noObjects, db: env.DB, kv: env.KV, clock: admin.clock, roots });
  await tenants.create("org", "acme", { id: "acme", name: "Acme", policy: {} }, by);
});

async function newKey(of = "acme", more: Partial<typeof plainKey> = {}): Promise<NewKey> {
  const made = await store.create(of, { ...plainKey, ...more }, by);
  if (!made.ok) throw new Error(made.error.code);
  return made.value;
}

/** A verifier that has `key` in memory and in KV. */
async function warm(key: string) {
  const watch = bench();
  const keys = createKeys(watch);
  expect((await keys.verify(key)).ok).toBe(true);
  await watch.settled();
  return { watch, keys };
}

const invalid = { ok: false, error: "invalid" };

describe("a revoked key", () => {
  it("is refused within ten seconds by an isolate that knew it", async () => {
    const { id, key } = await newKey();
    const { watch, keys } = await warm(key);
    await store.revoke(id, by);
    watch.now += 5_000;
    expect(await keys.verify(key)).toEqual(invalid);
  });

  it("is refused at once by an isolate that did not know it", async () => {
    const { id, key } = await newKey();
    await warm(key);
    await store.revoke(id, by);
    expect(await createKeys(bench()).verify(key)).toEqual(invalid);
  });

  it("costs one look-up in five seconds, however often it is tried", async () => {
    const { id, key } = await newKey();
    await store.revoke(id, by);
    const watch = bench();
    const keys = createKeys(watch);
    for (let tries = 0; tries < 20; tries++) expect(await keys.verify(key)).toEqual(invalid);
    expect(watch.lookups).toEqual({ kv: 1, db: 1 });
  });

  it("does not come back through a reader that publishes what it read before", async () => {
    const { id, key } = await newKey();
    const watch = bench();
    // The revocation lands between the reader's look into the database and its publishing.
    const kv = new Proxy(env.KV, {
      get:
        (from, name) =>
        async (...args: unknown[]) => {
          if (name === "put") await store.revoke(id, by);
          return Reflect.apply(Reflect.get(from, name) as () => unknown, from, args);
        },
    });
    await createKeys({ ...watch, kv }).verify(key);
    await watch.settled();
    expect(await createKeys(bench()).verify(key)).toEqual(invalid);
  });

  // The object was told only after KV had done its part: a key that KV did not let go went on for an hour.
  it("is refused by its organisation's object also where KV does not let its copy go", async () => {
    const { id } = await newKey();
    const told: unknown[] = [];
    const kv = new Proxy(env.KV, {
      get: (from, name) =>
        name === "delete"
          ? () => Promise.reject(new Error("KV is down"))
          : (Reflect.get(from, name) as () => unknown).bind(from),
    });
    const tellObject = async (of: string, changes: unknown) => void told.push({ of, changes });
    const parts = { db: env.DB, clock: admin.clock, roots };
    await expect(createKeyStore({ ...parts, kv, tellObject }).revoke(id, by)).rejects.toThrow();
    expect(told).toEqual([{ of: "acme", changes: [{ entity: `key:${id}`, revision: undefined }] }]);
  });

  it("is on record with what it was, and gone", async () => {
    const { id } = await newKey();
    expect(await store.revoke(id, by)).toEqual({ ok: true, value: null });
    const gone = { ok: false, error: { code: "not_found" } };
    expect(await store.revoke(id, by)).toEqual(gone);
    expect(await store.get(id)).toEqual(gone);
    const { results } = await env.DB.prepare("SELECT * FROM audit WHERE target = ? ORDER BY seq")
      .bind(`key/${id}`)
      .all<{ action: string; before_hash: string; after_hash: string }>();
    expect(results.map((row) => row.action)).toEqual(["key.create", "key.revoke"]);
    expect(results[1]?.before_hash).toBe(results[0]?.after_hash);
    expect(results[1]?.after_hash).toBeNull();
  });
});

describe("what stands above a key", () => {
  it("takes the key with it when it is removed", async () => {
    await tenants.create("org", "gone", { id: "gone", name: "", policy: {} }, by);
    const { id, key } = await newKey("gone");
    await warm(key);
    expect(await tenants.remove(org("gone"), false, by)).toMatchObject({ ok: false });
    await tenants.remove(org("gone"), true, by);
    expect(await createKeys(bench()).verify(key)).toEqual(invalid);
    expect(
      await env.DB.prepare("SELECT action FROM audit WHERE target = ? ORDER BY seq DESC")
        .bind(`key/${id}`)
        .first("action"),
    ).toBe("key.delete");
  });

  it("gives the key its new policy within ten seconds", async () => {
    await tenants.create("org", "strict", { id: "strict", name: "", policy: {} }, by);
    const { key } = await newKey("strict");
    const { watch, keys } = await warm(key);
    const policy = { models: { allow: ["demo"] } };
    await tenants.patch(org("strict"), (now) => ok({ ...now, policy }), by);
    watch.now += 5_000;
    expect(await keys.verify(key)).toMatchObject({ value: { policies: [policy] } });
  });
});

describe("a rotated key", () => {
  const allowed = () => undefined;

  it("works beside its successor until the overlap ends", async () => {
    const old = await newKey("acme", { name: "ci", tags: { project: "x" } });
    const { watch, keys } = await warm(old.key);
    const rotated = await store.rotate(old.id, 60_000, allowed, by);
    if (!rotated.ok) throw new Error(rotated.error.code);
    const { key, ...next } = rotated.value;
    expect(next).toMatchObject({ name: "ci", tags: { project: "x" }, scopes: ["chat"] });
    expect(next.previous_expires_at).toBe(admin.now + 60_000);
    expect(next.id).not.toBe(old.id);
    watch.now = next.previous_expires_at - 1;
    expect((await keys.verify(old.key)).ok).toBe(true);
    expect((await keys.verify(key)).ok).toBe(true);
    watch.now = next.previous_expires_at;
    expect(await keys.verify(old.key)).toEqual(invalid);
    expect((await keys.verify(key)).ok).toBe(true);
  });

  it("shares the lineage of the first of its chain", async () => {
    const first = await newKey();
    let last = first.id;
    for (let times = 0; times < 3; times++) {
      const rotated = await store.rotate(last, 1_000, allowed, by);
      if (!rotated.ok) throw new Error(rotated.error.code);
      last = rotated.value.id;
    }
    const { results } = await env.DB.prepare("SELECT id FROM keys WHERE lineage = ?")
      .bind(first.id)
      .all();
    expect(results).toHaveLength(4);
  });

  it("neither lives longer by it nor passes on a shorter life", async () => {
    const { id } = await newKey("acme", { expires_at: admin.now + 500 });
    const rotated = await store.rotate(id, 60_000, allowed, by);
    expect(rotated).toMatchObject({
      value: { previous_expires_at: admin.now + 500, expires_at: admin.now + 500 },
    });
    const other = await newKey();
    expect(await store.rotate(other.id, 60_000, allowed, by)).toMatchObject({
      value: { expires_at: null },
    });
  });

  it("has one successor, however many ask for one", async () => {
    const { id } = await newKey();
    const asked = await Promise.all(
      Array.from({ length: 8 }, () => store.rotate(id, 1_000, allowed, by)),
    );
    expect(asked.filter((answer) => answer.ok)).toHaveLength(1);
    expect(asked.find((answer) => !answer.ok)).toEqual({
      ok: false,
      error: { code: "version_conflict" },
    });
    const rows = await env.DB.prepare("SELECT id FROM keys WHERE lineage = ?").bind(id).all();
    expect(rows.results).toHaveLength(2);
  });
});
