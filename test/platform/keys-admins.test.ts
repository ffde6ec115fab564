import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { ADMIN_SCOPES } from "../../src/domain/tenant.ts";
import { adminScopes, createAdmins } from "../../src/platform/keys-admins.ts";
import { createKeyStore, type KeyStore } from "../../src/platform/keys-store.ts";
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

async function newKey(org: string | null, scopes: readonly string[], expires_at?: number) {
  const made = await store.create(org, { ...plainKey, scopes, expires_at: expires_at ?? null }, by);
  if (!made.ok) throw new Error(made.error.code);
  return made.value;
}

const invalid = { ok: false, error: "invalid" };

describe("createAdmins", () => {
  it("knows the holder of ADMIN_TOKEN as root, with all scopes, without looking anything up", async () => {
    const watch = bench();
    expect(await createAdmins(watch).verifyAdmin("the-admin-token")).toEqual({
      ok: true,
      value: { actor: "root", scopes: new Set(ADMIN_SCOPES) },
    });
    expect(watch.lookups).toEqual({ kv: 0, db: 0 });
  });

  it.each(["", "the-admin-toke", "the-admin-token ", "THE-ADMIN-TOKEN", "the-master-key"])(
    "refuses %j",
    async (token) => {
      expect(await createAdmins(bench()).verifyAdmin(token)).toEqual(invalid);
    },
  );

  it("knows an admin key by its id and scopes", async () => {
    const { id, key } = await newKey(null, ["keys:write", "usage:read"]);
    expect(await createAdmins(bench()).verifyAdmin(key)).toEqual({
      ok: true,
      value: {
        actor: id,
        scopes: new Set(["keys:write", "keys:read", "usage:read"]),
      },
    });
  });

  it("tells a data key from an unknown one", async () => {
    const { key } = await newKey("acme", ["chat"]);
    expect(await createAdmins(bench()).verifyAdmin(key)).toEqual({
      ok: false,
      error: "wrong_class",
    });
  });

  it("refuses an expired and a revoked admin key", async () => {
    const expired = await newKey(null, ["keys:read"], admin.now);
    const revoked = await newKey(null, ["keys:read"]);
    await store.revoke(revoked.id, by);
    const admins = createAdmins(bench());
    expect(await admins.verifyAdmin(expired.key)).toEqual(invalid);
    expect(await admins.verifyAdmin(revoked.key)).toEqual(invalid);
  });

  it("knows of a change and of a revocation at once, whatever it knew before", async () => {
    const { id, key } = await newKey(null, ["keys:write"]);
    const admins = createAdmins(bench());
    expect((await admins.verifyAdmin(key)).ok).toBe(true);
    const narrowed = (scopes: string[]) =>
      store.patch(id, () => ({ ok: true, value: { ...plainKey, scopes } }), by);
    expect((await narrowed(["usage:read"])).ok).toBe(true);
    expect(await admins.verifyAdmin(key)).toMatchObject({
      ok: true,
      value: { scopes: new Set(["usage:read"]) },
    });
    await store.revoke(id, by);
    expect(await admins.verifyAdmin(key)).toEqual(invalid);
  });
});

describe("adminScopes", () => {
  it.each([
    [["keys:read"], ["keys:read"]],
    [["keys:write"], ["keys:write", "keys:read"]],
    [["config:write"], ["config:write", "config:read"]],
    [["config:owner"], ["config:owner", "config:write", "config:read"]],
    [["chat", "everything"], []],
  ])("makes %j to %j", (given, held) => {
    expect(adminScopes(given)).toEqual(new Set(held));
  });
});
