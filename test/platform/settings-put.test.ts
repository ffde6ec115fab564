import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { DEMO, how, isolate, withModel } from "./settings-setup.ts";
import { migrated } from "./tenants-database.ts";

beforeAll(migrated);

const count = async (table: string): Promise<number> =>
  (await env.DB.prepare(`SELECT COUNT(*) AS n FROM ${table}`).first<number>("n")) ?? -1;
const granted = <T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

describe("putting a configuration", () => {
  it("begins with the document in the code as version 0", async () => {
    const { settings } = isolate();
    const saved = await settings.read();
    expect(saved.version).toBe(0);
    expect(saved.etag).toMatch(/^"v0-[0-9a-f]{16}"$/);
    expect(JSON.parse(saved.document)).toMatchObject({ default_model: "demo" });
    expect((await settings.current()).defaultModel).toBe("demo");
  });

  it("makes the next version, in use at once, with one audit row of the same transaction", async () => {
    const { settings } = isolate();
    const before = await settings.read();
    const rows = await count("audit");
    const put = granted(await settings.put(withModel("first"), how()));
    expect(put).toEqual({
      version: before.version + 1,
      etag: expect.stringMatching(/^"v1-[0-9a-f]{16}"$/),
      warnings: [],
    });
    const now = await settings.current();
    expect([now.version, now.targets.has("first")]).toEqual([1, true]);
    expect(JSON.parse((await settings.read()).document)).toEqual(withModel("first"));
    expect(await count("audit")).toBe(rows + 1);
    const row = await env.DB.prepare("SELECT * FROM audit ORDER BY seq DESC LIMIT 1").first();
    expect(row).toMatchObject({
      at: 1_000_000,
      actor: "root",
      action: "config.put",
      target: "config/1",
      request_id: "req-1",
      before_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      after_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it("refuses a document whole: nothing changes, nothing is audited", async () => {
    const { settings } = isolate();
    const before = [await count("config_versions"), await count("audit"), await settings.read()];
    const document = { ...DEMO, models: { m: { provider: "nobody" } }, extra: 1 };
    const result = await settings.put(document, how());
    expect(result).toEqual({
      ok: false,
      error: {
        code: "invalid_config",
        param: "extra",
        details: [{ path: "extra", message: "unknown field" }],
      },
    });
    expect([await count("config_versions"), await count("audit"), await settings.read()]).toEqual(
      before,
    );
  });

  it("refuses a document that the store cannot hold", async () => {
    const { settings } = isolate();
    const headers = Object.fromEntries(
      Array.from({ length: 1_600 }, (_, i) => [`x-${i}`, "y".repeat(1_000)]),
    );
    const document = { ...DEMO, providers: { p: { kind: "demo", headers } } };
    const result = await settings.put(document, how());
    expect(result).toEqual({
      ok: false,
      error: {
        code: "invalid_config",
        details: [{ path: "", message: "the document is larger than 1500000 bytes of JSON" }],
      },
    });
  });

  it("tells what is doubtful, on a dry run too, which changes nothing", async () => {
    const { settings } = isolate();
    const document = {
      ...DEMO,
      providers: { ...DEMO.providers, q: { kind: "openai", api_key: { secret: "UNSET" } } },
    };
    const warning = {
      path: "providers.q.api_key.secret",
      code: "secret_unset",
      message: "the secret UNSET is not set: calls with it will fail",
    };
    const before = await settings.read();
    expect(settings.validate(document)).toEqual({ ok: true, value: [warning] });
    expect(await settings.read()).toEqual(before);
    expect(granted(await settings.put(document, how())).warnings).toEqual([warning]);
    document.providers.q.api_key.secret = "SET";
    expect(settings.validate(document)).toEqual({ ok: true, value: [] });
  });
});

describe("if-match", () => {
  it("accepts the etag in force, with quotes or without, weakened, in a list, or as *", async () => {
    const { settings } = isolate();
    for (const form of [
      (e: string) => e,
      (e: string) => e.slice(1, -1),
      (e: string) => `W/${e}`,
      (e: string) => `"x", ${e}`,
    ]) {
      const { etag } = await settings.read();
      expect((await settings.put(DEMO, how({ ifMatch: form(etag) }))).ok).toBe(true);
    }
    expect((await settings.put(DEMO, how({ ifMatch: "*" }))).ok).toBe(true);
  });

  it.each([
    ["an older etag", (etag: string) => etag.replace(/v\d+/, "v0")],
    ["an older one that was weakened", (etag: string) => `W/${etag.replace(/v\d+/, "v0")}`],
    ["an empty header", () => ""],
  ])("refuses %s, and nothing changes", async (_, form) => {
    const { settings } = isolate();
    const before = await settings.read();
    const result = await settings.put(DEMO, how({ ifMatch: form(before.etag) }));
    expect(result).toEqual({ ok: false, error: { code: "version_conflict", param: "if-match" } });
    expect(await settings.read()).toEqual(before);
  });

  it("lets exactly one of many racing writers win", async () => {
    const { etag, version } = await isolate().settings.read();
    const rows = await count("audit");
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        isolate().settings.put(withModel(`racer-${i}`), how({ ifMatch: etag })),
      ),
    );
    expect(results.filter((result) => result.ok).length).toBe(1);
    for (const result of results) {
      if (!result.ok) expect(result.error.code).toBe("version_conflict");
    }
    expect((await isolate().settings.read()).version).toBe(version + 1);
    expect(await count("audit")).toBe(rows + 1);
  });

  it("is optional: without it every racing writer gets a version of its own", async () => {
    const { version } = await isolate().settings.read();
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, i) => isolate().settings.put(withModel(`w-${i}`), how())),
    );
    const made = results.map((result) => granted(result).version).sort((a, b) => a - b);
    expect(made).toEqual(Array.from({ length: 10 }, (_, i) => version + 1 + i));
  });
});
