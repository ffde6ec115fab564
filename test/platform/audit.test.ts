import { beforeAll, describe, expect, it } from "vitest";
import { auditStatement } from "../../src/platform/audit.ts";
import { migrated } from "./tenants-database.ts";

let db: D1Database;
beforeAll(async () => {
  db = await migrated();
});

const entry = (target: string) => ({
  at: 1,
  actor: "root",
  requestId: "req_1",
  action: "org.create",
  target,
  before: undefined,
  after: "abc",
});

const insertOrg = (id: string, tenant: string) =>
  db
    .prepare(
      `INSERT INTO orgs (id, tenant, name, policy, created_at) VALUES (?, ?, ?, '{}', 1)
       ON CONFLICT (id) DO NOTHING`,
    )
    .bind(id, tenant, id);

const rowsFor = async (target: string): Promise<unknown[]> =>
  (await db.prepare("SELECT * FROM audit WHERE target = ?").bind(target).all()).results;

describe("auditStatement", () => {
  it("records a change that happened", async () => {
    await db.batch([insertOrg("a", "aaaaaaaa"), auditStatement(db, entry("org/a"))]);
    expect(await rowsFor("org/a")).toMatchObject([
      { actor: "root", action: "org.create", before_hash: null, after_hash: "abc", at: 1 },
    ]);
  });

  it("records nothing behind a statement that changed nothing", async () => {
    await db.batch([insertOrg("b", "bbbbbbbb")]);
    await db.batch([insertOrg("b", "cccccccc"), auditStatement(db, entry("org/b"))]);
    await db.batch([
      db.prepare("UPDATE orgs SET name = 'x' WHERE id = 'none'"),
      auditStatement(db, entry("org/b")),
      db.prepare("DELETE FROM orgs WHERE id = 'none'"),
      auditStatement(db, entry("org/b")),
    ]);
    expect(await rowsFor("org/b")).toEqual([]);
  });

  it("is rolled back together with a change that fails", async () => {
    await db.batch([insertOrg("c", "dddddddd")]);
    await expect(
      db.batch([
        db.prepare("UPDATE orgs SET name = 'renamed' WHERE id = 'c'"),
        auditStatement(db, entry("org/c")),
        insertOrg("d", "dddddddd"),
      ]),
    ).rejects.toThrow("UNIQUE");
    expect(await rowsFor("org/c")).toEqual([]);
    expect(await db.prepare("SELECT name FROM orgs WHERE id = 'c'").first("name")).toBe("c");
  });
});

describe("the audit table", () => {
  it.each([
    ["update", "UPDATE audit SET actor = 'nobody'"],
    ["delete", "DELETE FROM audit"],
    [
      "replacement",
      "INSERT OR REPLACE INTO audit (seq, at, actor, action, target) SELECT seq, 0, 'x', 'x', 'x' FROM audit",
    ],
  ])("refuses %s", async (_, sql) => {
    await db.batch([insertOrg("e", "eeeeeeee"), auditStatement(db, entry("org/e"))]);
    await expect(db.prepare(sql).run()).rejects.toThrow("append-only");
    expect(await rowsFor("org/e")).toMatchObject([{ actor: "root" }]);
  });
});
