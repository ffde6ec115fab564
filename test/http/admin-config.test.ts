import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { configRoutes } from "../../src/http/admin/config.ts";
import { withStores } from "../../src/http/admin/routes.ts";
import { serveRoutes } from "../../src/http/serve.ts";
import { createPlatform } from "../../src/platform/deps.ts";
import { by, plainKey } from "../platform/keys-support.ts";
import { migrated } from "../platform/tenants-database.ts";

const { deps, gate, loadStores } = createPlatform(env);
const stores = await loadStores();
const app = serveRoutes(withStores(configRoutes, stores), deps, gate, {
  missingRoots: [],
  allowedHosts: undefined,
});

const CONFIG = "/admin/v1/config";
const ROOT = "test-admin-token";

async function call(
  method: string,
  path: string,
  body?: unknown,
  { token = ROOT, ...headers }: Record<string, string> = {},
) {
  const response = await app.fetch(
    new Request(`https://gateway.example.com${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    }),
  );
  return { response, status: response.status, json: (await response.json()) as Answer };
}
type Answer = Record<string, unknown> & {
  version: number;
  etag: string;
  error: { code: string; param: string | null; details?: unknown };
};

const free = { price: { input: 0, output: 0 } };
const configOf = (...models: string[]) => ({
  providers: { p: { kind: "demo" } },
  models: Object.fromEntries(models.map((name) => [name, { provider: "p", ...free }])),
});

beforeAll(migrated);

describe("GET /config", () => {
  it("is the bare document with its etag", async () => {
    const { response, json } = await call("GET", CONFIG);
    expect(response.status).toBe(200);
    expect(response.headers.get("etag")).toMatch(/^"v0-[0-9a-f]{16}"$/);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(json).toMatchObject({ default_model: "demo", providers: { demo: { kind: "demo" } } });
  });
});

describe("PUT /config", () => {
  it("answers version, etag and warnings, and the next request sees it", async () => {
    const { status, json, response } = await call("PUT", CONFIG, {
      ...configOf("a"),
      providers: { p: { kind: "demo" }, q: { kind: "openai", api_key: { secret: "UNSET" } } },
    });
    expect(status).toBe(200);
    expect(json).toEqual({
      version: expect.any(Number),
      etag: response.headers.get("etag"),
      warnings: [
        {
          path: "providers.q.api_key.secret",
          code: "secret_unset",
          message: "the secret UNSET is not set: calls with it will fail",
        },
      ],
    });
    expect((await deps.settings.current()).targets.has("a")).toBe(true);
    expect((await call("GET", CONFIG)).response.headers.get("etag")).toBe(json.etag);
  });

  it("refuses a document whole, with the first path and all of them", async () => {
    const before = await call("GET", CONFIG);
    const { status, json } = await call("PUT", CONFIG, {
      providers: { p: { kind: "nope", base: 1 } },
      models: { m: { provider: "p" } },
    });
    expect(status).toBe(400);
    expect(json.error).toMatchObject({
      code: "invalid_config",
      type: "invalid_request_error",
      param: "providers.p.kind",
      details: [
        { path: "providers.p.kind", message: expect.any(String) },
        { path: "providers.p.base", message: "unknown field" },
      ],
    });
    expect((await call("GET", CONFIG)).json).toEqual(before.json);
  });

  it.each([
    ["policy.audit.mode", { policy: { audit: { mode: "on" } } }],
    ["policy.audit.mode", { policy: { audit: { mode: "shadow" } } }],
    ["policy.guards.pii.mode", { policy: { guards: { pii: { mode: "on" } } } }],
  ])("refuses what is not built at %s", async (path, section) => {
    const { status, json } = await call("PUT", CONFIG, { ...configOf("m"), ...section });
    expect([status, json.error.code, json.error.param]).toEqual([400, "invalid_config", path]);
  });

  it.each([
    ["a root secret", { p: { kind: "openai", api_key: { secret: "MASTER_KEY" } } }],
    ["a fragment in an address", { p: { kind: "openai", base_url: "https://a.example.com/#b" } }],
    ["a credential as a header", { p: { kind: "openai", headers: { Authorization: "x" } } }],
    ["a name with a #", { "p#": { kind: "openai" } }],
  ])("refuses %s", async (_, providers) => {
    const { status, json } = await call("PUT", CONFIG, { providers, models: {} });
    expect([status, json.error.code]).toEqual([400, "invalid_config"]);
  });

  it.each([
    ["{", "invalid_json"],
    ["[]", "invalid_json"],
    ['{"providers": {}, "providers": {}, "models": {}}', "invalid_json"],
    ['{"providers": {}, "models": {}, "__proto__": {}}', undefined],
  ])("refuses the body %s", async (body, code) => {
    const { status, json } = await call("PUT", CONFIG, body);
    expect(status).toBe(400);
    if (code !== undefined) expect(json.error.code).toBe(code);
  });

  it("replaces only what if-match names: of racing writers one wins, the others are 412", async () => {
    const etag = (await call("GET", CONFIG)).response.headers.get("etag") ?? "";
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        call("PUT", CONFIG, configOf(`racer-${i}`), { "if-match": etag }),
      ),
    );
    const statuses = answers.map((answer) => answer.status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 7 }, () => 412)]);
    const late = await call("PUT", CONFIG, configOf("late"), { "if-match": etag });
    expect([late.status, late.json.error.code]).toEqual([412, "version_conflict"]);
  });
});

describe("POST /config/validate", () => {
  it("says whether a document would be taken, and changes nothing", async () => {
    const before = await call("GET", `${CONFIG}/versions`);
    const good = await call("POST", `${CONFIG}/validate`, configOf("m"));
    expect([good.status, good.json]).toEqual([200, { valid: true, warnings: [] }]);
    const bad = await call("POST", `${CONFIG}/validate`, { ...configOf("m"), default_model: "x" });
    expect([bad.status, bad.json.error.param]).toEqual([400, "default_model"]);
    expect((await call("GET", `${CONFIG}/versions`)).json).toEqual(before.json);
  });
});

describe("versions", () => {
  it("are listed newest first, page by page, down to the one in the code", async () => {
    await call("PUT", CONFIG, configOf("v"));
    const seen: unknown[] = [];
    // An empty cursor is none, as in every other list.
    let query = "?limit=2&cursor=";
    for (;;) {
      const { json } = await call("GET", `${CONFIG}/versions${query}`);
      const page = json as unknown as { data: { version: number }[]; next_cursor: string | null };
      expect(page.data.length).toBeLessThanOrEqual(2);
      seen.push(...page.data.map((row) => row.version));
      if (page.next_cursor === null) break;
      query = `?limit=2&cursor=${page.next_cursor}`;
    }
    expect(seen).toEqual([...seen].sort((a, b) => Number(b) - Number(a)));
    expect([seen.at(-1), new Set(seen).size]).toEqual([0, seen.length]);
    const { json } = await call("GET", `${CONFIG}/versions?limit=1`);
    expect(json["data"]).toEqual([
      {
        version: seen[0],
        etag: expect.any(String),
        at: expect.stringMatching(/^2.*Z$/),
        actor: "root",
      },
    ]);
  });

  it.each(["limit=0", "limit=x", "limit=101", "cursor=x", "cursor=-1"])(
    "refuse ?%s",
    async (query) => {
      const { status, json } = await call("GET", `${CONFIG}/versions?${query}`);
      expect([status, json.error.code]).toEqual([400, "invalid_parameter"]);
    },
  );

  it("are put again by a rollback", async () => {
    const old = await call("PUT", CONFIG, configOf("old"));
    const next = await call("PUT", CONFIG, configOf("next"));
    const { status, json } = await call("POST", `${CONFIG}/rollback`, {
      version: old.json.version,
    });
    expect([status, json.version, json["warnings"]]).toEqual([200, next.json.version + 1, []]);
    expect((await call("GET", CONFIG)).json).toEqual(configOf("old"));
  });

  it.each([
    [{ version: 999 }, 404, "not_found"],
    [{}, 400, "invalid_parameter"],
    [{ version: "1" }, 400, "invalid_parameter"],
    [{ version: 1, force: true }, 400, "unknown_field"],
  ])("are not rolled back to by %j", async (body, status, code) => {
    const answer = await call("POST", `${CONFIG}/rollback`, body);
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
  });
});

describe("an admin key", () => {
  const keyWith = async (...scopes: string[]): Promise<string> => {
    const made = await stores.keys.create(null, { ...plainKey, scopes }, by);
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    return made.value.key;
  };

  it("reads with config:read, writes with config:write, moves addresses with config:owner", async () => {
    const [reader, writer, owner] = await Promise.all([
      keyWith("config:read"),
      keyWith("config:write"),
      keyWith("config:owner"),
    ]);
    expect((await call("GET", CONFIG, undefined, { token: reader })).status).toBe(200);
    const denied = await call("PUT", CONFIG, configOf("m"), { token: reader });
    expect([denied.status, denied.json.error.code]).toEqual([403, "scope_missing"]);
    expect((await call("PUT", CONFIG, configOf("m"), { token: writer })).status).toBe(200);
    const moved = {
      providers: { p: { kind: "openai", base_url: "https://api.example.com/v1" } },
      models: {},
    };
    const guarded = await call("PUT", CONFIG, moved, { token: writer });
    expect([guarded.status, guarded.json.error.param]).toEqual([403, "providers.p.base_url"]);
    expect((await call("PUT", CONFIG, moved, { token: owner })).status).toBe(200);
  });
});

describe("GET /config.schema.json", () => {
  it("is public", async () => {
    const { status, json } = await call("GET", "/config.schema.json", undefined, { token: "" });
    expect(status).toBe(200);
    expect(json).toMatchObject({ title: "Headgate configuration", type: "object" });
  });
});
