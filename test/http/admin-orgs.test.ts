import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { adminPlane, type Plane } from "./admin-keys-support.ts";

let plane: Plane;
beforeAll(async () => {
  plane = await adminPlane();
});

const error = (code: string, param?: string) => ({
  error: { code, ...(param !== undefined && { param }) },
});

describe("POST /orgs", () => {
  it("answers 201 with the whole thing", async () => {
    const whole = {
      id: "acme",
      name: "Acme",
      policy: { models: { allow: ["demo"] } },
      location_hint: "weur",
    };
    expect(await plane.ask("POST", "/orgs", whole)).toEqual({ status: 201, body: whole });
    expect(await plane.ask("GET", "/orgs/acme")).toEqual({ status: 200, body: whole });
  });

  it("makes up an id, and names the organisation after it", async () => {
    const { status, body } = await plane.ask("POST", "/orgs", {});
    expect(status).toBe(201);
    expect(body.id).toMatch(/^[a-z0-9-]{1,40}$/);
    expect(body).toEqual({ id: body.id, name: body.id, policy: {} });
  });

  it("answers 201 once and 409 to all others who ask for the same id at once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => plane.ask("POST", "/orgs", { id: "race" })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(11).fill(409)]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject(
      error("already_exists"),
    );
  });

  it.each([
    [{ id: "Acme" }, "invalid_parameter", "id"],
    [{ id: "a".repeat(41) }, "invalid_parameter", "id"],
    [{ id: "a/b" }, "invalid_parameter", "id"],
    [{ name: "two\nlines" }, "invalid_parameter", "name"],
    [{ name: "half a pair \ud800" }, "invalid_parameter", "name"],
    [{ location_hint: "mars" }, "invalid_parameter", "location_hint"],
    [{ policy: [] }, "invalid_parameter", "policy"],
    [{ policy: { models: { allow: "demo" } } }, "invalid_parameter", "policy.models.allow"],
    [{ policy: { modles: {} } }, "unknown_field", "policy.modles"],
    [
      { policy: { guards: { pii: { mode: "on" } } } },
      "invalid_parameter",
      "policy.guards.pii.mode",
    ],
    [{ budget: 5 }, "unknown_field", "budget"],
    [{ tenant: "aaaaaaaa" }, "unknown_field", "tenant"],
    [{ tenant_id: null }, "unknown_field", "tenant_id"],
    [{ policy: { modles: null } }, "unknown_field", "policy.modles"],
    [{ role: "admin" }, "unknown_field", "role"],
  ])("refuses %j as %s of %s", async (body, code, param) => {
    const answer = await plane.ask("POST", "/orgs", body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject(error(code, param));
  });
});

describe("PATCH /orgs/:id", () => {
  it("merges: what is not named stays, null takes away", async () => {
    const policy = { models: { allow: ["a"], deny: ["b"] } };
    await plane.ask("POST", "/orgs", { id: "merge", name: "M", policy, location_hint: "oc" });
    const patch = { policy: { models: { deny: null } }, location_hint: null };
    expect(await plane.ask("PATCH", "/orgs/merge", patch)).toEqual({
      status: 200,
      body: { id: "merge", name: "M", policy: { models: { allow: ["a"] } } },
    });
    const { body } = await plane.ask("PATCH", "/orgs/merge", { name: null, policy: null });
    expect(body).toEqual({ id: "merge", name: "merge", policy: {} });
  });

  // Seven of twenty were told 412 although they had named no version.
  it("makes the changes of all who come at once", async () => {
    await plane.ask("POST", "/orgs", { id: "crowd" });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => plane.ask("PATCH", "/orgs/crowd", { name: `n${i}` })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200));
  });

  it.each([
    [{ id: "other" }, "unknown_field", "id"],
    [{ tenant: null }, "unknown_field", "tenant"],
    [{ policy: { models: { alow: null } } }, "unknown_field", "policy.models.alow"],
    [{ policy: { models: { allow: [7] } } }, "invalid_parameter", "policy.models.allow[0]"],
  ])("refuses %j as %s of %s, and changes nothing", async (patch, code, param) => {
    const before = await plane.ask("GET", "/orgs/acme");
    const answer = await plane.ask("PATCH", "/orgs/acme", patch);
    expect(answer.body).toMatchObject(error(code, param));
    expect(await plane.ask("GET", "/orgs/acme")).toEqual(before);
  });
});

describe("DELETE /orgs/:id", () => {
  it("answers 204, and 404 from then on", async () => {
    await plane.ask("POST", "/orgs", { id: "short" });
    expect(await plane.ask("DELETE", "/orgs/short")).toEqual({ status: 204, body: undefined });
    for (const method of ["GET", "DELETE"]) {
      expect((await plane.ask(method, "/orgs/short")).body).toMatchObject(error("not_found"));
    }
  });

  it("answers 409 while it has a team, a user or a key, unless ?cascade=true", async () => {
    await plane.ask("POST", "/orgs", { id: "parent" });
    await plane.ask("POST", "/orgs/parent/teams", { id: "core" });
    const made = await plane.ask("POST", "/keys", { org: "parent", team: "core" });
    const refused = await plane.ask("DELETE", "/orgs/parent");
    expect(refused).toMatchObject({ status: 409, body: error("has_children") });
    expect((await plane.ask("DELETE", "/orgs/parent/teams/core")).status).toBe(409);
    expect((await plane.ask("DELETE", "/orgs/parent?cascade=true")).status).toBe(204);
    expect((await plane.use(made.body.key)).status).toBe(401);
    expect((await plane.ask("GET", `/keys/${made.body.id}`)).status).toBe(404);
  });
});

describe("GET /orgs", () => {
  it("gives pages, and the cursor of the next", async () => {
    const first = await plane.ask("GET", "/orgs?limit=2");
    expect(first.body.data).toHaveLength(2);
    const second = await plane.ask("GET", `/orgs?limit=100&cursor=${first.body.next_cursor}`);
    expect(second.body.next_cursor).toBeNull();
    const ids = [...first.body.data, ...second.body.data].map((org) => org.id);
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(ids).toContain("acme");
  });

  it.each([
    ["limit=0", "invalid_parameter", "limit"],
    ["limit=101", "invalid_parameter", "limit"],
    ["limit=ten", "invalid_parameter", "limit"],
    ["cursor=A%27", "invalid_parameter", "cursor"],
    ["page=2", "unknown_field", "page"],
  ])("refuses ?%s as %s", async (query, code, param) => {
    const answer = await plane.ask("GET", `/orgs?${query}`);
    expect(answer).toMatchObject({ status: 400, body: error(code, param) });
  });
});

describe("the audit", () => {
  it("has one row for each change, with its actor and request, and none for a refusal", async () => {
    const count = () => env.DB.prepare("SELECT COUNT(*) AS n FROM audit").first<number>("n");
    const before = (await count()) ?? 0;
    await plane.ask("POST", "/orgs", { id: "seen" });
    await plane.ask("POST", "/orgs", { id: "seen" });
    await plane.ask("PATCH", "/orgs/seen", { name: "Seen" });
    await plane.ask("PATCH", "/orgs/unseen", { name: "Seen" });
    await plane.ask("DELETE", "/orgs/unseen");
    await plane.ask("POST", "/orgs", { id: "seen", role: "x" });
    await plane.ask("DELETE", "/orgs/seen");
    expect(await count()).toBe(before + 3);
    const { results } = await env.DB.prepare(
      "SELECT action, actor, request_id FROM audit WHERE target = 'org/seen' ORDER BY seq",
    ).all();
    expect(results).toEqual(
      ["org.create", "org.update", "org.delete"].map((action) => ({
        action,
        actor: "root",
        request_id: expect.stringMatching(/^req_/),
      })),
    );
  });
});
