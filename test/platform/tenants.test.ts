import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { ok } from "../../src/base/result.ts";
import { createTenants, type Tenants } from "../../src/platform/tenants.ts";
import { migrated, noObjects } from "./tenants-database.ts";

const by = { actor: "root", requestId: "req_1" };
const fields = (id: string) => ({ id, name: `the ${id}`, policy: {} });
const org = (id: string) => ({ kind: "org", org: id, id }) as const;
const team = (of: string, id: string) => ({ kind: "team", org: of, id }) as const;

let db: D1Database;
let tenants: Tenants;
beforeAll(async () => {
  db = await migrated();
  tenants = createTenants({
    ...noObjects,
    db,
    kv: env.KV,
    clock: { now: () => 1_000, after: () => () => {} },
  });
});

const audited = async (target: string): Promise<string[]> => {
  const sql = "SELECT action FROM audit WHERE target = ? ORDER BY seq";
  const { results } = await db.prepare(sql).bind(target).all<{ action: string }>();
  return results.map((row) => row.action);
};
const code = (result: { ok: boolean }) => ("error" in result ? result.error : "ok");

describe("an organisation", () => {
  it("is created once when many ask for one id at the same time", async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, () => tenants.create("org", "race", fields("race"), by)),
    );
    expect(made.filter((result) => result.ok)).toHaveLength(1);
    expect(made.filter((result) => !result.ok).map(code)).toEqual(
      Array.from({ length: 19 }, () => ({ code: "already_exists", param: "id" })),
    );
    expect(await audited("org/race")).toEqual(["org.create"]);
  });

  it("keeps every one of many changes made at the same time", async () => {
    await tenants.create("org", "busy", { ...fields("busy"), name: "" }, by);
    const changes = await Promise.all(
      [..."abcde"].map((letter) =>
        tenants.patch(org("busy"), (now) => ok({ ...now, name: now.name + letter }), by),
      ),
    );
    expect(changes.every((change) => change.ok)).toBe(true);
    const left = await tenants.get(org("busy"));
    expect(left.ok && [...left.value.name].sort().join("")).toBe("abcde");
    const rows = await db
      .prepare("SELECT before_hash, after_hash FROM audit WHERE target = 'org/busy' ORDER BY seq")
      .all<{ before_hash: string | null; after_hash: string }>();
    const chain = rows.results.map((row) => row.after_hash);
    expect(rows.results.map((row) => row.before_hash)).toEqual([null, ...chain.slice(0, -1)]);
  });

  it("is not written, nor the audit, by a change that changes nothing", async () => {
    await tenants.create("org", "same", fields("same"), by);
    await tenants.patch(org("same"), (now) => ok({ ...now }), by);
    expect(await audited("org/same")).toEqual(["org.create"]);
  });

  it("stays while something stands under it, and goes with all of it when told to", async () => {
    await tenants.create("org", "full", fields("full"), by);
    await tenants.create("team", "full", fields("core"), by);
    await tenants.create("user", "full", fields("ann"), by);
    expect(code(await tenants.remove(org("full"), false, by))).toEqual({ code: "has_children" });
    expect(await audited("org/full")).toEqual(["org.create"]);
    expect(code(await tenants.remove(org("full"), true, by))).toBe("ok");
    expect(await audited("org/full")).toEqual(["org.create", "org.delete"]);
    expect(await audited("org/full/team/core")).toEqual(["team.create", "team.delete"]);
    expect(await audited("org/full/user/ann")).toEqual(["user.create", "user.delete"]);
    expect(code(await tenants.get(team("full", "core")))).toEqual({ code: "not_found" });
  });

  it("gets another alias when it is made anew", async () => {
    const alias = () => db.prepare("SELECT tenant FROM orgs WHERE id = 'anew'").first("tenant");
    await tenants.create("org", "anew", fields("anew"), by);
    const first = await alias();
    await tenants.remove(org("anew"), false, by);
    await tenants.create("org", "anew", fields("anew"), by);
    expect(first).toMatch(/^[0-9a-z]{8}$/);
    expect(await alias()).not.toBe(first);
  });
});

describe("a team", () => {
  it("is found in its own organisation only", async () => {
    await tenants.create("org", "one", fields("one"), by);
    await tenants.create("org", "two", fields("two"), by);
    await tenants.create("team", "one", fields("core"), by);
    expect((await tenants.get(team("one", "core"))).ok).toBe(true);
    expect(await tenants.get(team("two", "core"))).toEqual(await tenants.get(team("two", "none")));
    expect(code(await tenants.remove(team("two", "core"), true, by))).toEqual({
      code: "not_found",
    });
    expect((await tenants.get(team("one", "core"))).ok).toBe(true);
  });

  it("cannot be made or listed where there is no organisation", async () => {
    const nowhere = { code: "not_found" };
    expect(code(await tenants.create("team", "nowhere", fields("core"), by))).toEqual(nowhere);
    expect(code(await tenants.list("team", "nowhere", { limit: 5, cursor: "" }))).toEqual(nowhere);
    expect(await audited("org/nowhere/team/core")).toEqual([]);
  });
});

describe("a list", () => {
  it("gives every one of its things once, page by page", async () => {
    const ids = [..."abcdefg"];
    await tenants.create("org", "paged", fields("paged"), by);
    for (const id of ids) await tenants.create("user", "paged", fields(id), by);
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const found = await tenants.list("user", "paged", { limit: 3, cursor });
      if (!found.ok) throw new Error("the organisation is gone");
      seen.push(...found.value.data.map((user) => user.id));
      cursor = found.value.next_cursor;
    }
    expect(seen).toEqual(ids);
  });
});
