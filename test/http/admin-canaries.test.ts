import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../src/domain/config/snapshot.ts";
import { canaryRoutes } from "../../src/http/admin/canaries.ts";
import {
  type CanaryDefinition,
  NO_TALLY,
  reportOf,
  tallyOf,
} from "../../src/policy/view/canary.ts";
import { adminPlane } from "../support/admin-plane.ts";

const TRY = { id: "try", baseline: "old", candidate: "new", percent: 10 };
const SLASHED = { id: "team/try:2", baseline: "old", candidate: "auto", percent: 0 };
const QUIET = { requests: 0, errors: 0, p50_ms: 0, p99_ms: 0, cost_usd: 0, tokens: 0 };

const asked: CanaryDefinition[] = [];
const counted = tallyOf([
  { canary: TRY, arm: "candidate", ok: true, ms: 20, costNanoUsd: 2_000, tokens: 9 },
]);

const canaries = {
  report: async (canary: CanaryDefinition) => {
    asked.push(canary);
    return reportOf(canary.id === "try" ? counted : NO_TALLY);
  },
};
const call = async (
  path: string,
  defined: Snapshot["config"]["canaries"],
  scopes = "usage:read",
) => {
  const config = { providers: {}, models: {}, ...(defined !== undefined && { canaries: defined }) };
  const plane = adminPlane(canaryRoutes, { canaries }, () => 1_000, { config });
  const { status, body } = await plane("GET", `/canaries/${path}`, undefined, scopes);
  return { status, body };
};
const ask = (path: string) => call(path, [TRY, SLASHED]);

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
    await call("try", [{ ...TRY, candidate: "newest" }]);
    expect(asked.at(-1)).toMatchObject({ id: "try", baseline: "old", candidate: "newest" });
  });

  it.each([
    ["an id that no canary has", "other", [TRY]],
    ["a configuration with no canaries", "try", undefined],
  ])("answers 404 for %s", async (_, path, defined) => {
    expect(await call(path, defined)).toMatchObject({
      status: 404,
      body: { error: { code: "not_found" } },
    });
  });

  it("needs the scope usage:read", async () => {
    expect(await call("try", [TRY], "config:read+keys:read+audit:read")).toMatchObject({
      status: 403,
      body: { error: { code: "scope_missing", param: "usage:read" } },
    });
  });
});
