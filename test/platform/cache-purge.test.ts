import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { createCachePurge } from "../../src/platform/cache-purge.ts";
import { loadRecord } from "../../src/platform/keys-record.ts";
import type { Change } from "../../src/platform/objects/organisation-calls.ts";
import { createTestClock } from "../support/clock.ts";
import { migrated } from "./tenants-database.ts";

const by = { actor: "root", requestId: "req_1" };
const told: { org: string; changes: readonly Change[] }[] = [];
const purging = createCachePurge({
  db: env.DB,
  kv: env.KV,
  clock: createTestClock(),
  tellObject: async (org, changes) => {
    told.push({ org, changes });
  },
});

const org = async (id: string): Promise<void> => {
  await env.DB.prepare(
    "INSERT INTO orgs (id, tenant, name, policy, created_at) VALUES (?1, ?1, ?1, '{}', 0)",
  )
    .bind(id)
    .run();
  await env.DB.prepare(
    `INSERT INTO keys (id, org, tags, scopes, policy, created_at, digest, pepper, last4, lineage)
     VALUES (?1, ?2, '{}', '[]', '{}', 0, '', '', '', ?1)`,
  )
    .bind(`key-${id}`, id)
    .run();
};

const purgesOf = async (id: string) => (await loadRecord(env.DB, `key-${id}`))?.purges;
const audited = async (target: string) =>
  (await env.DB.prepare("SELECT action, actor FROM audit WHERE target = ?").bind(target).all())
    .results;

beforeAll(async () => {
  await migrated();
  for (const id of ["a", "b", "c", "d"]) await org(id);
});

describe("a purge", () => {
  it("of a model stands in the keys' records, in the audit, and reaches the object", async () => {
    expect(await purgesOf("a")).toBeUndefined();
    expect(await purging.purge("a", "m", by)).toEqual({ ok: true, value: null });
    expect(await purgesOf("a")).toEqual({ org: 0, models: { m: 1 } });
    expect(await audited("org/a/cache/m")).toEqual([{ action: "cache.purge", actor: "root" }]);
    expect(told).toEqual([{ org: "a", changes: [{ entity: "org", revision: 2 }] }]);
  });

  it("of everything takes the place of those of models", async () => {
    await purging.purge("b", "m", by);
    await purging.purge("b", undefined, by);
    expect(await purgesOf("b")).toEqual({ org: 1, models: {} });
    expect(await audited("org/b/cache")).toHaveLength(1);
  });

  it("withdraws the published records, so that nobody reads the old count", async () => {
    await env.KV.put("key/3/key-c", "{}");
    await purging.purge("c", undefined, by);
    expect(await env.KV.get("key/3/key-c")).toBeNull();
  });

  it("of many models at once is counted once each", async () => {
    await Promise.all(["x", "y", "x"].map((model) => purging.purge("d", model, by)));
    expect(await purgesOf("d")).toEqual({ org: 0, models: { x: 2, y: 1 } });
  });

  it("of more models than a record may carry is one of everything", async () => {
    for (let model = 0; model < 101; model += 1) await purging.purge("c", `m${model}`, by);
    expect(await purgesOf("c")).toEqual({ org: 2, models: {} });
  });

  it("of an organisation that is not there is refused and leaves no trace", async () => {
    const refused = await purging.purge("nobody", undefined, by);
    expect(refused).toMatchObject({ ok: false, error: { code: "not_found" } });
    expect(await audited("org/nobody/cache")).toEqual([]);
  });

  it("of all organisations reaches every one", async () => {
    await purging.purgeAll("all", by);
    for (const id of ["a", "b", "c", "d"]) {
      expect((await purgesOf(id))?.models["all"]).toBe(1);
    }
  });
});
