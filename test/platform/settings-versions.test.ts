import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { how, isolate, withModel } from "./settings-setup.ts";
import { migrated } from "./tenants-database.ts";

beforeAll(async () => {
  await migrated();
  const { settings } = isolate();
  for (const name of ["one", "two", "three"]) await settings.put(withModel(name), how());
});

describe("the list of versions", () => {
  it("is newest first and ends with the document in the code", async () => {
    const list = await isolate().settings.list(Number.MAX_SAFE_INTEGER, 10);
    expect(list.map((version) => [version.version, version.actor, version.at])).toEqual([
      [3, "root", 1_000_000],
      [2, "root", 1_000_000],
      [1, "root", 1_000_000],
      [0, "shipped", null],
    ]);
  });

  it.each([
    [Number.MAX_SAFE_INTEGER, 2, [3, 2, 1]],
    [2, 1, [1, 0]],
    [1, 1, [0]],
    [0, 5, []],
  ])("below %d with limit %d has one more where there is more", async (before, limit, versions) => {
    const list = await isolate().settings.list(before, limit);
    expect(list.map((version) => version.version)).toEqual(versions);
  });

  it.each([
    "UPDATE config_versions SET document = '{}' WHERE version = 1",
    "DELETE FROM config_versions WHERE version = 1",
    "INSERT OR REPLACE INTO config_versions VALUES (1, 'x', '{}', 1, 'x')",
  ])("cannot be altered: %s", async (sql) => {
    await expect(env.DB.prepare(sql).run()).rejects.toThrow(/append-only/);
  });
});

describe("rolling back", () => {
  it("puts an earlier document as a new version, audited as what it is", async () => {
    const { settings } = isolate();
    const { version } = await settings.read();
    const result = await settings.rollback(1, how());
    expect(result).toMatchObject({ ok: true, value: { version: version + 1, warnings: [] } });
    expect((await settings.current()).targets.has("one")).toBe(true);
    expect(JSON.parse((await settings.read()).document)).toEqual(withModel("one"));
    const action = await env.DB.prepare(
      "SELECT action FROM audit ORDER BY seq DESC LIMIT 1",
    ).first<string>("action");
    expect(action).toBe("config.rollback");
  });

  it("goes back to the document in the code as version 0", async () => {
    const { settings } = isolate();
    expect((await settings.rollback(0, how())).ok).toBe(true);
    expect((await settings.current()).defaultModel).toBe("demo");
  });

  it("refuses a version that never was, and one that has been overtaken", async () => {
    const { settings } = isolate();
    expect(await settings.rollback(99, how())).toEqual({
      ok: false,
      error: { code: "not_found", param: "version" },
    });
    const result = await settings.rollback(1, how({ ifMatch: '"v0-0000000000000000"' }));
    expect(result.ok ? "" : result.error.code).toBe("version_conflict");
  });

  it("checks the old document by today's rules", async () => {
    const local = isolate({ allowPrivate: true });
    const document = {
      providers: { p: { kind: "ollama", base_url: "http://127.0.0.1:11434/v1" } },
      models: {},
    };
    const put = await local.settings.put(document, how());
    await local.settings.put(withModel("after"), how());
    const result = await isolate().settings.rollback(put.ok ? put.value.version : -1, how());
    expect(result).toMatchObject({
      ok: false,
      error: { code: "invalid_config", param: "providers.p.base_url" },
    });
  });
});

describe("an address", () => {
  const base_url = "https://api.example.com/v1";
  const put = (provider: object, owner: boolean) =>
    isolate().settings.put({ providers: { p: provider }, models: {} }, how({ owner }));
  const refused = { ok: false, error: { code: "scope_missing", param: "providers.p.base_url" } };

  it("is added, changed and taken away by an owner only; all else needs none", async () => {
    expect((await put({ kind: "openai" }, true)).ok).toBe(true);
    expect(await put({ kind: "openai", base_url }, false)).toEqual(refused);
    expect((await put({ kind: "openai", base_url }, true)).ok).toBe(true);
    expect((await put({ kind: "openai", base_url, max_retries: 1 }, false)).ok).toBe(true);
    expect(await put({ kind: "openai", base_url: `${base_url}/x` }, false)).toEqual(refused);
    expect(await put({ kind: "openai" }, false)).toEqual(refused);
    expect((await put({ kind: "openai" }, true)).ok).toBe(true);
    expect(await put({ kind: "groq" }, false)).toEqual(refused);
  });

  it("comes back by a rollback of an owner only", async () => {
    const { settings } = isolate();
    const made = await put({ kind: "openai", base_url }, true);
    await put({ kind: "openai" }, true);
    const version = made.ok ? made.value.version : -1;
    expect(await settings.rollback(version, how({ owner: false }))).toEqual(refused);
    expect((await settings.rollback(version, how())).ok).toBe(true);
  });
});
