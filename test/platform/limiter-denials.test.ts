import { describe, expect, it } from "vitest";
import { ok } from "../../src/base/result.ts";
import type { DenialTally } from "../../src/domain/ledger-row.ts";
import type { Caller } from "../../src/domain/tenant.ts";
import { createDenialCounts } from "../../src/platform/limiter-denials.ts";
import type { OrganisationCalls } from "../../src/platform/objects/organisation-calls.ts";
import type { Reach } from "../../src/platform/organisation-reach.ts";
import { NOON } from "../policy/limits/rule.ts";
import { createVirtualTime } from "../support/virtual-time.ts";

const HOUR = 3_600_000;
const callerOf = (org: string): Caller => ({
  ...{ org, tenant: `tenant of ${org}`, key: "key00001", lineage: "key00001" },
  ...{ revisions: { key: 1, org: 1 }, keyName: undefined, team: undefined, user: undefined },
  ...{ expiresAt: undefined, locationHint: undefined, scopes: new Set(), tags: {}, policies: [] },
  levels: [],
});
const ACME = callerOf("acme");

const stage = () => {
  const time = createVirtualTime(NOON + 60_000);
  const told: { readonly whose: string; readonly denials: readonly DenialTally[] }[] = [];
  const state = { dies: false };
  const reach = (async ({ tenant }, ask) => {
    const deny = async (denials: readonly DenialTally[]) =>
      void told.push({ whose: tenant, denials });
    return ok(await ask({ deny } as unknown as OrganisationCalls));
  }) as Reach<OrganisationCalls>;
  const counts = createDenialCounts({
    reach,
    // What hangs on a request dies with it.
    clock: { ...time, after: (ms, run) => (state.dies ? () => {} : time.after(ms, run)) },
    background: () => {},
    tell: async (denials) => {
      told.push({ whose: "nobody", denials });
      throw new Error("the queue is full");
    },
  });
  return { time, told, state, count: counts.count };
};

describe("refusals that no object has decided", () => {
  it("are told a second later, with how often each came", async () => {
    const { time, told, count } = stage();
    for (let at = 0; at < 3; at += 1) count(ACME, 429, "rate_limit_requests", "key/requests");
    count(ACME, 429, "rate_limit_requests", "team/requests");
    count(ACME, 403, "model_not_allowed");
    await time.play(999);
    expect(told).toEqual([]);
    await time.play(1);
    const one = { hour: NOON, org: "acme", status: 429, code: "rate_limit_requests" };
    expect(told).toEqual([
      {
        whose: "tenant of acme",
        denials: [
          { ...one, rule: "key/requests", count: 3 },
          { ...one, rule: "team/requests", count: 1 },
          { ...one, status: 403, code: "model_not_allowed", rule: "", count: 1 },
        ],
      },
    ]);
  });

  it("are told once", async () => {
    const { time, told, count } = stage();
    count(ACME, 403, "model_not_allowed");
    await time.play(1_000);
    count(ACME, 403, "model_not_allowed");
    await time.play(10_000);
    expect(told.map(({ denials }) => denials.map((each) => each.count))).toEqual([[1], [1]]);
  });

  it("are counted in the hour in which they came", async () => {
    const { time, told, count } = stage();
    await time.play(HOUR - 60_500);
    count(ACME, 403, "model_not_allowed");
    await time.play(500);
    count(ACME, 403, "model_not_allowed");
    await time.play(1_000);
    expect(told[0]?.denials.map(({ hour, count: times }) => [hour, times])).toEqual([
      [NOON, 1],
      [NOON + HOUR, 1],
    ]);
  });

  it("are told to the organisation whose they are, or to the queue, whoever else takes none", async () => {
    const { time, told, count } = stage();
    count(undefined, 401, "invalid_api_key");
    count(ACME, 403, "model_not_allowed");
    count(callerOf("other"), 403, "model_not_allowed");
    await time.play(1_000);
    expect(told.map(({ whose, denials }) => [whose, denials[0]?.org])).toEqual([
      ["nobody", null],
      ["tenant of acme", "acme"],
      ["tenant of other", "other"],
    ]);
  });

  it("are told by the next one where the telling died with the request that it hung on", async () => {
    const { time, told, state, count } = stage();
    state.dies = true;
    count(ACME, 403, "model_not_allowed");
    state.dies = false;
    await time.play(4_999);
    count(ACME, 403, "model_not_allowed");
    await time.play(1);
    count(ACME, 403, "model_not_allowed");
    await time.play(1_000);
    expect(told.map(({ denials }) => denials[0]?.count)).toEqual([3]);
  });
});
