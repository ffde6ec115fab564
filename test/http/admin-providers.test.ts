import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Target } from "../../src/domain/target.ts";
import { providerRoutes } from "../../src/http/admin/providers.ts";
import { createTargetsAdmin } from "../../src/platform/health-admin.ts";
import { objectNameOf } from "../../src/platform/health-parts.ts";
import { statsOf } from "../../src/platform/objects/target-stats.ts";
import { resultOfOne } from "../../src/policy/resilience/breaker-state.ts";
import { migrated } from "../platform/tenants-database.ts";
import { type AdminCall, adminPlane } from "../support/admin-plane.ts";
import { targetNamed } from "../support/target-world.ts";

const TARGETS = [
  targetNamed("team/large:1", { provider: "north" }),
  targetNamed("small", {
    provider: "south",
    limits: [{ unit: "requests", per: "hour", max: 4 }],
  }),
];
const [LARGE, SMALL] = TARGETS as [Target, Target];

const clock = {
  now: () => Date.now(),
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
const stubOf = (name: string) => env.TARGET.getByName(name);

const refreshed: string[] = [];
const refresh = async ({ model }: Target): Promise<void> => {
  refreshed.push(model);
};

const plane = (
  objects: Parameters<typeof createTargetsAdmin>[0]["objects"] = stubOf,
  served: readonly Target[] = TARGETS,
): AdminCall => {
  const targets = createTargetsAdmin({ db: env.DB, clock, objects, refresh });
  const ask = adminPlane(providerRoutes, { targets }, clock.now, {
    targets: new Map(served.map((target) => [target.model, target])),
  });
  return (method, path, ...more) => ask(method, `/providers${path}`, ...more);
};
const ask = plane();

const audited = async (model: string) =>
  (
    await env.DB.prepare("SELECT * FROM audit WHERE target = ? ORDER BY seq")
      .bind(`breaker/${model}`)
      .all()
  ).results;

beforeAll(async () => {
  await migrated();
  const call = { costNanoUsd: 2_000_000, firstTokenMs: 100, totalMs: 1_000 };
  await stubOf(objectNameOf(SMALL)).report({
    rules: { breaker: SMALL.breaker, limits: SMALL.limits },
    ...{ isolate: "one", inFlight: 0, corrections: [] },
    news: [{ about: "calls", result: resultOfOne("ok", { count: 3 }) }],
    stats: statsOf([
      { ...call, failed: false },
      { ...call, failed: false, totalMs: 5_000 },
      { ...call, failed: false },
      { failed: true, totalMs: undefined, firstTokenMs: undefined, costNanoUsd: 0 },
    ]),
  });
  await stubOf(objectNameOf(SMALL)).take({
    rules: { breaker: SMALL.breaker, limits: SMALL.limits },
    ...{ org: "acme", need: { requests: 1, tokens: 0 }, more: { requests: 0, tokens: 0 } },
  });
});

describe("GET /providers", () => {
  it("shows every model with what the last hour was like", async () => {
    const { status, body } = await ask("GET", "");
    expect(status).toBe(200);
    expect(body).toMatchObject({ next_cursor: null });
    const [small, large] = body["data"] as Record<string, unknown>[];
    expect(small).toMatchObject({
      ...{ model: "small", provider: "south", state: "closed", until: null },
      ...{ success_rate: 0.75, requests: 4, cost_usd: 0.006 },
      quota: [{ unit: "requests", per: "hour", max: 4, used: 1, remaining: 3 }],
    });
    // The histogram's steps are a tenth wide.
    const near = (ms: unknown, wanted: number) =>
      expect(Math.abs(Number(ms) / wanted - 1)).toBeLessThan(0.06);
    near(small?.["p50_ms"], 1_000);
    near(small?.["p99_ms"], 5_000);
    near(small?.["first_token_p50_ms"], 100);
    expect(large).toEqual({
      ...{ model: "team/large:1", provider: "north", state: "closed", until: null },
      ...{ success_rate: null, p50_ms: null, p99_ms: null, first_token_p50_ms: null },
      ...{ requests: 0, cost_usd: 0, quota: [] },
    });
  });

  it("says when an open breaker may be probed, as every other time is written", async () => {
    const failed = { ...TARGETS[0], model: "failed", upstream: "failed" } as Target;
    await stubOf(objectNameOf(failed)).report({
      rules: { breaker: failed.breaker, limits: [] },
      ...{ isolate: "one", inFlight: 0, corrections: [] },
      news: [{ about: "calls", result: resultOfOne("fail", { count: 5 }) }],
      stats: statsOf([]),
    });
    const { body } = await plane(stubOf, [...TARGETS, failed])("GET", "?cursor=b&limit=1");
    const [row] = body["data"] as Record<string, unknown>[];
    expect(row).toMatchObject({ model: "failed", state: "open" });
    expect(row?.["until"]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(Date.parse(String(row?.["until"]))).toBeGreaterThan(Date.now());
  });

  it("comes in pages", async () => {
    const first = await ask("GET", "?limit=1");
    expect(first.body["next_cursor"]).toBe("small");
    const second = await ask("GET", "?limit=1&cursor=small");
    expect(second.body).toMatchObject({ data: [{ model: "team/large:1" }], next_cursor: null });
  });

  it("says of a target whose object does not answer that nothing is known", async () => {
    const unreachable = plane(() => {
      throw new Error("no such object");
    });
    const { status, body } = await unreachable("GET", "");
    expect(status).toBe(200);
    expect(body["data"]).toMatchObject([{ state: "unknown" }, { state: "unknown" }]);
  });

  it("is for those who may read usage", async () => {
    expect((await ask("GET", "", undefined, "config:write")).status).toBe(403);
  });
});

describe("POST /providers/:model/breaker", () => {
  const path = "/team/large:1/breaker";

  it("forces, lets go, and puts each wish on record", async () => {
    const states = [];
    for (const state of ["isolated", "closed", "auto"]) {
      const { status, body } = await ask("POST", path, { state });
      expect(status).toBe(200);
      states.push(body["state"]);
    }
    expect(states).toEqual(["isolated", "closed", "closed"]);
    expect(refreshed).toEqual([LARGE.model, LARGE.model, LARGE.model]);
    const rows = await audited(LARGE.model);
    expect(rows).toMatchObject(
      Array.from({ length: 3 }, () => ({ actor: "root", action: "breaker.force" })),
    );
    expect(rows[0]?.["before_hash"]).toBeNull();
    expect(rows[1]?.["before_hash"]).toBe(rows[0]?.["after_hash"]);
  });

  it("keeps its word in the object", async () => {
    await ask("POST", path, { state: "isolated" });
    const { state } = await stubOf(objectNameOf(LARGE)).look({
      ...{ breaker: LARGE.breaker, limits: [] },
    });
    expect(state.breaker.phase.name).toBe("isolated");
    await ask("POST", path, { state: "auto" });
  });

  it.each([
    ["an unknown model", "/none/breaker", { state: "auto" }, 404, "model_not_found"],
    ["an unknown state", path, { state: "open" }, 400, "invalid_parameter"],
    ["an unknown field", path, { state: "auto", why: "x" }, 400, "unknown_field"],
  ])("refuses %s and records nothing", async (_, where, wish, status, code) => {
    const before = (await audited(LARGE.model)).length;
    const answer = await ask("POST", where, wish);
    expect([answer.status, answer.error["code"]]).toEqual([status, code]);
    expect(await audited(LARGE.model)).toHaveLength(before);
  });

  it("is for those who may change the configuration", async () => {
    expect((await ask("POST", path, { state: "auto" }, "usage:read")).status).toBe(403);
  });

  it("tells the operator when the word was recorded but not heard", async () => {
    const deaf = plane(() => {
      throw new Error("no such object");
    });
    const before = (await audited(SMALL.model)).length;
    expect((await deaf("POST", "/small/breaker", { state: "isolated" })).status).toBe(500);
    expect(await audited(SMALL.model)).toHaveLength(before + 1);
  });
});
