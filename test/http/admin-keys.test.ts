import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { API_KEY_PATTERN } from "../../src/domain/api-key.ts";
import { adminPlane, type Plane } from "./admin-keys-support.ts";

let plane: Plane;
beforeAll(async () => {
  plane = await adminPlane();
  for (const org of ["a", "b"]) await plane.ask("POST", "/orgs", { id: org });
  await plane.ask("POST", "/orgs/a/teams", { id: "core" });
  await plane.ask("POST", "/orgs/b/teams", { id: "theirs" });
  await plane.ask("POST", "/orgs/a/users", { id: "ann" });
});

const fails = (status: number, code: string, param?: string) => ({
  status,
  body: { error: { code, ...(param !== undefined && { param }) } },
});

describe("POST /keys", () => {
  it("answers 201 with the whole thing and, this once, the key", async () => {
    const said = {
      org: "a",
      team: "core",
      user: "ann",
      name: "search in production",
      tags: { project: "search" },
      scopes: ["chat"],
      policy: { models: { allow: ["demo"] } },
      expires_at: "2030-01-01T00:00:00Z",
    };
    const { status, body } = await plane.ask("POST", "/keys", said);
    const { key, ...rest } = body;
    expect(status).toBe(201);
    expect(key).toMatch(API_KEY_PATTERN);
    expect(rest).toEqual({
      ...said,
      expires_at: "2030-01-01T00:00:00.000Z",
      id: key.slice(16, 24),
      created_at: new Date(plane.bench.now).toISOString(),
      last4: key.slice(-4),
      rotated_to: null,
    });
    expect(await plane.ask("GET", `/keys/${rest.id}`)).toEqual({ status: 200, body: rest });
    expect(await plane.use(key)).toEqual({ status: 200, body: { key: rest.id } });
  });

  it("keeps nothing that the key could be made from", async () => {
    const { body } = await plane.ask("POST", "/keys", { org: "a" });
    const row = await env.DB.prepare("SELECT * FROM keys WHERE id = ?").bind(body.id).first();
    expect(JSON.stringify(row)).not.toContain(body.key.slice(24, 32));
    await plane.use(body.key);
    await plane.bench.settled();
    const published = await env.KV.get(`key/3/${body.id}`);
    expect(published).toContain(body.id);
    expect(published).not.toContain(body.key.slice(24, 32));
  });

  it("gives all data scopes, no tags and no end where nothing is said", async () => {
    expect((await plane.ask("POST", "/keys", { org: "a", name: null })).body).toMatchObject({
      ...{ team: null, user: null, name: null, tags: {}, policy: {}, expires_at: null },
      scopes: ["chat", "embeddings", "usage:read"],
    });
  });

  it.each([1_893_456_000, 1_893_456_000_000])(
    "takes an expiry in seconds or milliseconds: %d",
    async (expires_at) => {
      const { body } = await plane.ask("POST", "/keys", { org: "a", expires_at });
      expect(body.expires_at).toBe("2030-01-01T00:00:00.000Z");
    },
  );

  it("takes no organisation and null for the same", async () => {
    const said = { org: null, scopes: ["usage:read"] };
    const { status, body } = await plane.ask("POST", "/keys", said);
    expect({ status, ...body }).toMatchObject({ status: 201, ...said });
  });

  it.each([
    [{}, 400, "invalid_parameter", "org"],
    [{ org: "none" }, 404, "not_found", "org"],
    [{ org: "a", team: "none" }, 404, "not_found", "team"],
    [{ org: "a", team: "theirs" }, 404, "not_found", "team"],
    [{ org: "a", user: "none" }, 404, "not_found", "user"],
    [{ org: "a", scopes: ["keys:write"] }, 400, "invalid_parameter", "scopes[0]"],
    [{ org: "a", scopes: ["everything"] }, 400, "invalid_parameter", "scopes[0]"],
    [{ scopes: ["chat"] }, 400, "invalid_parameter", "scopes[0]"],
    [{ scopes: [] }, 400, "invalid_parameter", "scopes"],
    [{ scopes: ["keys:read"], team: "core" }, 400, "unknown_field", "team"],
    [{ scopes: ["keys:read"], policy: {} }, 400, "unknown_field", "policy"],
    [{ org: "a", expires_at: "1970-01-01T00:00:00Z" }, 400, "invalid_parameter", "expires_at"],
    [{ org: "a", expires_at: 5 }, 400, "invalid_parameter", "expires_at"],
    [{ org: "a", expires_at: "tomorrow" }, 400, "invalid_parameter", "expires_at"],
    [{ org: "a", tags: { Project: "x" } }, 400, "invalid_parameter", "tags.Project"],
    [{ org: "a", tags: { p: "x".repeat(65) } }, 400, "invalid_parameter", "tags.p"],
    [
      { org: "a", tags: Object.fromEntries([..."abcdefghi"].map((k) => [k, "v"])) },
      400,
      "invalid_parameter",
      "tags",
    ],
    [
      { org: "a", policy: { cache: { mode: "often" } } },
      400,
      "invalid_parameter",
      "policy.cache.mode",
    ],
    [{ org: "a", key: "hg_live_mine" }, 400, "unknown_field", "key"],
    [{ org: "a", id: "chosen12" }, 400, "unknown_field", "id"],
    [{ org: "a", lineage: "x" }, 400, "unknown_field", "lineage"],
    [{ org: "a", tenant_id: "x" }, 400, "unknown_field", "tenant_id"],
  ])("answers %j with %d %s of %s", async (body, status, code, param) => {
    const answer = await plane.ask("POST", "/keys", body);
    expect(answer).toMatchObject(fails(status, code, param));
  });
});

describe("GET /keys", () => {
  it("lists those of one organisation, without a key in sight", async () => {
    const { body } = await plane.ask("GET", "/keys?org=a&limit=100");
    expect(body.data.length).toBeGreaterThan(3);
    expect(new Set(body.data.map((key: { org: string }) => key.org))).toEqual(new Set(["a"]));
    expect(JSON.stringify(body)).not.toMatch(/hg_live_|digest|pepper/);
    expect((await plane.ask("GET", "/keys?org=b")).body).toEqual({ data: [], next_cursor: null });
  });
});

describe("PATCH /keys/:id", () => {
  it("merges, and never changes a privilege that is not named", async () => {
    const said = { org: "a", team: "core", scopes: ["chat"], tags: { a: "1", b: "2" } };
    const { body } = await plane.ask("POST", "/keys", said);
    const { key: _, ...before } = body;
    const after = await plane.ask("PATCH", `/keys/${body.id}`, { tags: { b: null }, name: "n" });
    expect(after).toEqual({ status: 200, body: { ...before, tags: { a: "1" }, name: "n" } });
    const moved = await plane.ask("PATCH", `/keys/${body.id}`, { team: null, user: "ann" });
    expect(moved.body).toMatchObject({ team: null, user: "ann", scopes: ["chat"] });
  });

  it("can end a key now or later, but not in the past", async () => {
    const { body } = await plane.ask("POST", "/keys", { org: "a" });
    const path = `/keys/${body.id}`;
    const soon = new Date(plane.bench.now + 500).toISOString();
    expect((await plane.ask("PATCH", path, { expires_at: soon })).body.expires_at).toBe(soon);
    const now = new Date(plane.bench.now).toISOString();
    expect(await plane.ask("PATCH", path, { expires_at: now })).toMatchObject(
      fails(400, "invalid_parameter", "expires_at"),
    );
    expect((await plane.ask("PATCH", path, { expires_at: null })).body.expires_at).toBeNull();
  });

  it.each([
    [{ org: "b" }, 400, "unknown_field", "org"],
    [{ id: "x" }, 400, "unknown_field", "id"],
    [{ last4: "x" }, 400, "unknown_field", "last4"],
    [{ team: "theirs" }, 404, "not_found", "team"],
    [{ scopes: ["config:write"] }, 400, "invalid_parameter", "scopes[0]"],
  ])("answers %j with %d %s of %s", async (patch, status, code, param) => {
    const { body } = await plane.ask("POST", "/keys", { org: "a" });
    const answer = await plane.ask("PATCH", `/keys/${body.id}`, patch);
    expect(answer).toMatchObject(fails(status, code, param));
  });
});
