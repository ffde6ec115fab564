import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { ok } from "../../src/base/result.ts";
import type { Caller } from "../../src/domain/tenant.ts";
import { createKeyStore, type KeyStore } from "../../src/platform/keys-store.ts";
import type { OrganisationCalls } from "../../src/platform/objects/organisation-calls.ts";
import type { Reach } from "../../src/platform/organisation-reach.ts";
import { createOwnAccount } from "../../src/platform/own-account.ts";
import { createTenants } from "../../src/platform/tenants.ts";
import { bench, by, plainKey, roots } from "./keys-support.ts";
import { rowOf } from "./organisation-world.ts";
import { migrated, noObjects } from "./tenants-database.ts";

const admin = bench();
const parts = { db: env.DB, kv: env.KV, clock: admin.clock, roots, ...noObjects };
let store: KeyStore;

beforeAll(async () => {
  await migrated();
  const tenants = createTenants(parts);
  store = createKeyStore(parts);
  for (const id of ["acme", "other"]) {
    await tenants.create("org", id, { id, name: id, policy: {} }, by);
  }
});

const created = async (org: string): Promise<string> => {
  const made = await store.create(org, plainKey, by);
  if (!made.ok) throw new Error(made.error.code);
  return made.value.id;
};

const rotated = async (id: string): Promise<string> => {
  admin.now += 1;
  const next = await store.rotate(id, 1_000, () => undefined, by);
  if (!next.ok) throw new Error(next.error.code);
  return next.value.id;
};

const holderOf = (key: string, lineage: string): Caller => ({
  ...{ org: "acme", tenant: "ten00001", key, lineage, revisions: { key: 1 } },
  ...{ keyName: undefined, team: undefined, user: undefined, expiresAt: undefined },
  ...{ locationHint: undefined, scopes: new Set(), tags: {}, policies: [], levels: [] },
});

/** What the holder of a key is told of a request that `key` has made. */
const seen = async (holder: Caller, key: string) => {
  const object = { row: async () => rowOf("r", { key }) } as unknown as OrganisationCalls;
  const reach = (async (_: unknown, ask: (one: OrganisationCalls) => Promise<unknown>) =>
    ok(await ask(object))) as Reach<OrganisationCalls>;
  const found = await createOwnAccount({ db: env.DB, reach }).row(holder, "r");
  if (!found.ok) throw new Error(found.error);
  return found.value?.key;
};

describe("the requests of a key's holder", () => {
  // Those of the first key of a chain were his, and those of the keys between were not.
  it("are those of every key that his own was rotated from", async () => {
    const first = await created("acme");
    const second = await rotated(first);
    const third = await rotated(second);
    const holder = holderOf(third, first);
    for (const key of [first, second, third]) expect(await seen(holder, key)).toBe(key);
  });

  it("are none of a key that came after his own", async () => {
    const first = await created("acme");
    const second = await rotated(first);
    const third = await rotated(second);
    expect(await seen(holderOf(second, first), third)).toBeUndefined();
    expect(await seen(holderOf(first, first), second)).toBeUndefined();
  });

  it("are no other key's, of his organisation or of another", async () => {
    const first = await created("acme");
    const holder = holderOf(await rotated(first), first);
    for (const org of ["acme", "other"]) {
      expect(await seen(holder, await created(org))).toBeUndefined();
    }
    expect(await seen(holderOf(first, first), await created("acme"))).toBeUndefined();
  });
});
