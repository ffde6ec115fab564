import { beforeAll, describe, expect, it } from "vitest";
import { adminPlane, type Plane } from "./admin-keys-support.ts";

let plane: Plane;
beforeAll(async () => {
  plane = await adminPlane();
  await plane.ask("POST", "/orgs", { id: "a" });
});

const fails = (status: number, code: string, param?: string) => ({
  status,
  body: { error: { code, ...(param !== undefined && { param }) } },
});
const adminKey = async (...scopes: string[]) =>
  (await plane.ask("POST", "/keys", { scopes })).body as { id: string; key: string };

describe("a token that is not valid", () => {
  it("gets one and the same 401, whatever is wrong with it", async () => {
    const create = async (more: object = {}) =>
      (await plane.ask("POST", "/keys", { org: "a", ...more })).body;
    const [live, revoked] = [await create(), await create()];
    const end = new Date(plane.bench.now + 1).toISOString();
    const expired = await create({ expires_at: end });
    await plane.ask("DELETE", `/keys/${revoked.id}`);
    plane.bench.now += 1;
    const digit = live.key.at(-1) === "0" ? "1" : "0";
    const tokens = [
      live.key.replace(/.{32}_/, `${"0".repeat(32)}_`),
      `${live.key.slice(0, 16)}zzzzzzzz${live.key.slice(24)}`,
      live.key.slice(0, -1) + digit,
      expired.key,
      revoked.key,
      "the-admin-token",
      "sk-something-else",
    ];
    const answers = await Promise.all(tokens.map((token) => plane.use(token)));
    const bodies = answers.map(({ body }) => ({ ...body.error, request_id: "" }));
    expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 401));
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    expect(bodies[0].code).toBe("invalid_api_key");
    expect((await plane.use(live.key)).status).toBe(200);
  });
});

describe("the two planes", () => {
  it("refuse each other's keys with 403", async () => {
    const data = (await plane.ask("POST", "/keys", { org: "a" })).body.key;
    const admin = (await adminKey("keys:write")).key;
    expect(await plane.ask("GET", "/orgs", undefined, data)).toMatchObject(
      fails(403, "scope_missing"),
    );
    expect(await plane.use(admin)).toMatchObject(fails(403, "scope_missing"));
  });

  it("refuse an unknown admin token with 401", async () => {
    expect(await plane.ask("GET", "/orgs", undefined, "the-admin-tokem")).toMatchObject(
      fails(401, "invalid_api_key"),
    );
  });
});

describe("an admin key", () => {
  it("does what its scopes say: who may write may read, not the other way round", async () => {
    const reader = (await adminKey("keys:read")).key;
    const writer = (await adminKey("keys:write")).key;
    const auditor = (await adminKey("audit:read")).key;
    expect((await plane.ask("GET", "/keys", undefined, reader)).status).toBe(200);
    expect(await plane.ask("POST", "/orgs", {}, reader)).toMatchObject(
      fails(403, "scope_missing", "keys:write"),
    );
    expect((await plane.ask("GET", "/orgs", undefined, writer)).status).toBe(200);
    expect((await plane.ask("POST", "/orgs", {}, writer)).status).toBe(201);
    expect((await plane.ask("GET", "/orgs", undefined, auditor)).status).toBe(403);
  });

  it("cannot hand out, widen or get hold of a scope that it has not itself", async () => {
    const owner = await adminKey("config:owner", "keys:write");
    const { key: writer } = await adminKey("keys:write");
    const beyond = fails(403, "scope_missing", "scopes");
    const own = await plane.ask("POST", "/keys", { scopes: ["keys:read"] }, writer);
    expect(own.status).toBe(201);
    expect(await plane.ask("POST", "/keys", { scopes: ["audit:read"] }, writer)).toMatchObject(
      beyond,
    );
    const more = { scopes: ["keys:write", "config:write"] };
    expect(await plane.ask("PATCH", `/keys/${own.body.id}`, more, writer)).toMatchObject(beyond);
    expect(await plane.ask("PATCH", `/keys/${owner.id}`, { name: "x" }, writer)).toMatchObject(
      beyond,
    );
    expect(await plane.ask("POST", `/keys/${owner.id}/rotate`, {}, writer)).toMatchObject(beyond);
  });

  it("stands in the audit by its id", async () => {
    const { id, key } = await adminKey("keys:write");
    await plane.ask("POST", "/orgs", { id: "by-key" }, key);
    const row = await plane.bench.db
      .prepare("SELECT actor FROM audit WHERE target = 'org/by-key'")
      .first("actor");
    expect(row).toBe(id);
  });

  it("is refused within ten seconds of its revocation", async () => {
    const { id, key } = await adminKey("keys:read");
    expect((await plane.ask("GET", "/keys", undefined, key)).status).toBe(200);
    expect((await plane.ask("DELETE", `/keys/${id}`)).status).toBe(204);
    plane.bench.now += 5_000;
    expect((await plane.ask("GET", "/keys", undefined, key)).status).toBe(401);
  });
});

describe("POST /keys/:id/rotate", () => {
  it("answers with a new key, and when the old one ends: a day later unless told otherwise", async () => {
    const old = (await plane.ask("POST", "/keys", { org: "a", name: "ci" })).body;
    const { status, body } = await plane.ask("POST", `/keys/${old.id}/rotate`);
    const day = new Date(plane.bench.now + 86_400_000).toISOString();
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: "ci", org: "a", previous_expires_at: day });
    expect(body.id).not.toBe(old.id);
    expect((await plane.use(body.key)).body).toEqual({ key: body.id });
    expect((await plane.use(old.key)).status).toBe(200);
    expect((await plane.ask("GET", `/keys/${old.id}`)).body).toMatchObject({
      expires_at: day,
      rotated_to: body.id,
    });
    expect(await plane.ask("POST", `/keys/${old.id}/rotate`)).toMatchObject(
      fails(412, "version_conflict"),
    );
    expect(await plane.ask("PATCH", `/keys/${old.id}`, { expires_at: null })).toMatchObject(
      fails(400, "invalid_parameter", "expires_at"),
    );
  });

  it("ends the old key at once with an overlap of 0", async () => {
    const old = (await plane.ask("POST", "/keys", { org: "a" })).body;
    await plane.ask("POST", `/keys/${old.id}/rotate`, { overlap_seconds: 0 });
    expect((await plane.use(old.key)).status).toBe(401);
  });

  it.each([
    [{ overlap_seconds: 604_801 }, "invalid_parameter", "overlap_seconds"],
    [{ overlap_seconds: -1 }, "invalid_parameter", "overlap_seconds"],
    [{ overlap_seconds: "60" }, "invalid_parameter", "overlap_seconds"],
    [{ overlap: 60 }, "unknown_field", "overlap"],
  ])("refuses %j as %s", async (body, code, param) => {
    const { id } = (await plane.ask("POST", "/keys", { org: "a" })).body;
    expect(await plane.ask("POST", `/keys/${id}/rotate`, body)).toMatchObject(
      fails(400, code, param),
    );
  });

  it("answers 404 for a key that is not there", async () => {
    expect(await plane.ask("POST", "/keys/none/rotate")).toMatchObject(fails(404, "not_found"));
  });
});
