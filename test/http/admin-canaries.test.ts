import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../src/domain/config/snapshot.ts";
import { canaryRoutes } from "../../src/http/admin/canaries.ts";
import { withStores } from "../../src/http/admin/routes.ts";
import { serveRoutes } from "../../src/http/serve.ts";
import type { Stores } from "../../src/platform/stores.ts";
import {
  type CanaryDefinition,
  NO_TALLY,
  reportOf,
  tallyOf,
} from "../../src/policy/view/canary.ts";
import type { Deps } from "../../src/ports.ts";

const TRY = { id: "try", baseline: "old", candidate: "new", percent: 10 };
const SLASHED = { id: "team/try:2", baseline: "old", candidate: "auto", percent: 0 };
const QUIET = { requests: 0, errors: 0, p50_ms: 0, p99_ms: 0, cost_usd: 0, tokens: 0 };

const asked: CanaryDefinition[] = [];
const counted = tallyOf([
  { canary: TRY, arm: "candidate", ok: true, ms: 20, costNanoUsd: 2_000, tokens: 9 },
]);

const call = async (path: string, canaries: Snapshot["config"]["canaries"], scopes: string[]) => {
  const config = canaries === undefined ? {} : { canaries };
  const stores = {
    admins: {
      verifyAdmin: async () => ({
        ok: true,
        value: { actor: "root", scopes: new Set(scopes) },
      }),
    },
    canaries: {
      report: async (canary: CanaryDefinition) => {
        asked.push(canary);
        return reportOf(canary.id === "try" ? counted : NO_TALLY);
      },
    },
  } as unknown as Stores;
  const app = serveRoutes(
    withStores(canaryRoutes, stores),
    {
      clock: { now: () => 1_000 },
      random: () => 0,
      settings: { current: () => ({ config }) },
    } as unknown as Deps,
    stores,
    { missingRoots: [], allowedHosts: undefined },
  );
  const headers = { authorization: "Bearer token" };
  const response = await app.fetch(
    new Request(`http://gateway.test/admin/v1/canaries/${path}`, { headers }),
  );
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const ask = (path: string) => call(path, [TRY, SLASHED], ["usage:read"]);

describe("GET /canaries/:id", () => {
  it("reports both arms", async () => {
    const candidate = {
      requests: 1,
      errors: 0,
      p50_ms: 20,
      p99_ms: 20,
      cost_usd: 0.000002,
      tokens: 9,
    };
    expect(await ask("try")).toEqual({
      status: 200,
      body: { id: "try", baseline: QUIET, candidate },
    });
  });

  it.each(["team/try:2", "team/try%3A2"])("reports zeros without traffic, at %s", async (path) => {
    expect(await ask(path)).toEqual({
      status: 200,
      body: { id: "team/try:2", baseline: QUIET, candidate: QUIET },
    });
  });

  it("asks for the definition in force, not for any of that id", async () => {
    await call("try", [{ ...TRY, candidate: "newest" }], ["usage:read"]);
    expect(asked.at(-1)).toMatchObject({ id: "try", baseline: "old", candidate: "newest" });
  });

  it.each([
    ["an id that no canary has", "other", [TRY]],
    ["a configuration with no canaries", "try", undefined],
  ])("answers 404 for %s", async (_, path, canaries) => {
    expect(await call(path, canaries, ["usage:read"])).toMatchObject({
      status: 404,
      body: { error: { code: "not_found" } },
    });
  });

  it("needs the scope usage:read", async () => {
    expect(await call("try", [TRY], ["config:read", "keys:read", "audit:read"])).toMatchObject({
      status: 403,
      body: { error: { code: "scope_missing", param: "usage:read" } },
    });
  });
});
