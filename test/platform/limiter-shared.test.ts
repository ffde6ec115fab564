import { describe, expect, it } from "vitest";
import { ok } from "../../src/base/result.ts";
import { amountFor, type LimitRule, NO_COST } from "../../src/domain/limit.ts";
import type { Caller } from "../../src/domain/tenant.ts";
import { createLimiter } from "../../src/platform/limiter.ts";
import type { OrganisationCalls } from "../../src/platform/objects/organisation-calls.ts";
import type { Reach } from "../../src/platform/organisation-reach.ts";
import type { UpstashLimits } from "../../src/platform/upstash-limits.ts";
import { type Admission, plainlyAdmitted } from "../../src/policy/limits/admission.ts";
import { requestsRule, tokensRule } from "../support/upstash-rules.ts";
import { createVirtualTime } from "../support/virtual-time.ts";
import { rowOf } from "./organisation-world.ts";

const CALLER: Caller = {
  ...{ org: "acme", tenant: "ten00001", key: "key00001", lineage: "key00001" },
  ...{ revisions: { key: 1, org: 1 }, keyName: undefined, team: undefined, user: undefined },
  ...{ expiresAt: undefined, locationHint: undefined, scopes: new Set(), tags: {}, policies: [] },
  levels: [],
};
const ITSELF = { ...NO_COST, requests: 1, slots: 1 };
const FLOOR = { tokens: 0, nanoUsd: 0 };

/** One count for each rule, all or nothing; nothing slides. */
const counting = (): UpstashLimits & { readonly counts: Map<string, number> } => {
  const counts = new Map<string, number>();
  const countOf = ({ id }: LimitRule): number => counts.get(id) ?? 0;
  return {
    counts,
    take: async (_, rules, cost, now) => {
      const full = rules.find((rule) => countOf(rule) + amountFor(rule, cost) > rule.max);
      if (full !== undefined) {
        const told = { rule: full, used: countOf(full), resetsAt: now };
        const retryAfterMs = amountFor(full, cost) > full.max ? undefined : 1_000;
        const ofModels = full.models !== undefined;
        return { ok: false, reason: "limited", retryAfterMs, ofModels, ...told };
      }
      for (const rule of rules) counts.set(rule.id, countOf(rule) + amountFor(rule, cost));
      const holds = rules.map((rule) => ({
        ...{ place: "redis" as const, key: rule.id, rule, window: 0 },
        amount: amountFor(rule, cost),
      }));
      return { ok: true, holds, standings: [], shadow: [] };
    },
    settle: async (ends) => {
      for (const { hold, actual } of ends) {
        counts.set(hold.rule.id, countOf(hold.rule) + actual - hold.amount);
      }
      return true;
    },
  };
};

const OF_A = { models: ["a"] };
const OF_B = { models: ["b"] };
const RULES = {
  all: tokensRule({ id: "all" }),
  tokensA: tokensRule({ id: "tokensA", max: 900, ...OF_A }),
  requestsA: requestsRule({ id: "requestsA", ...OF_A }),
  tokensB: tokensRule({ id: "tokensB", max: 500, ...OF_B }),
  requestsB: requestsRule({ id: "requestsB", ...OF_B }),
};

/** An isolate whose object gives leave as the test says. */
const scene = ({ extends: mayExtend = true, chooses = "", follows = false } = {}) => {
  const clock = createVirtualTime();
  const shared = counting();
  const calls: string[] = [];
  let during = (): void => {};
  const object = {
    admit: async ({ admission }: { admission: Admission }) => {
      calls.push("admit");
      const granted = plainlyAdmitted(admission);
      const models = chooses === "" ? granted.models : chooses.split(",");
      return { ...granted, models, ...(follows && { held: ITSELF, ahead: "other" }) };
    },
    extend: async () => {
      calls.push("extend");
      during();
      return mayExtend;
    },
    end: async () => void calls.push("end"),
    deny: async () => void calls.push("deny"),
  } as unknown as OrganisationCalls;
  const reach = (async (_place: unknown, ask: (one: OrganisationCalls) => Promise<unknown>) =>
    ok(await ask(object))) as Reach<OrganisationCalls>;
  const parts = {
    ...{ clock, random: () => 0.5, reach, shared },
    ...{ incidents: { note: () => {} }, background: () => {}, tell: async () => {} },
    ended: () => {},
  };
  const limiter = createLimiter(parts);
  const rules = Object.values(RULES);
  const admit = async (tokens = 0) => {
    const options = ["a", "b", "c"].map((model) => ({
      ...{ model, floor: FLOOR },
      cost: { ...NO_COST, requests: 1, slots: 1, tokens },
    })) as unknown as Admission["ways"][0]["options"];
    const deadline = clock.now() + 60_000;
    const admission = { id: "r", rules, ways: [{ from: 0, options }], deadline } as const;
    return limiter.admit(CALLER, admission, rowOf("r"));
  };
  const extend = (model: string, more: number, requests: number, own: number) =>
    limiter.extend(CALLER, "r", {
      ...{ model, rules, more: { tokens: more, nanoUsd: 0 } },
      own: { ...NO_COST, requests, slots: requests, tokens: own },
    });
  const end = (byModel: Record<string, number>) => {
    const charges = Object.entries(byModel).map(([model, tokens]) => [
      model,
      { tokens, nanoUsd: 0 },
    ]);
    const tokens = Object.values(byModel).reduce((sum, each) => sum + each, 0);
    const total = { tokens, nanoUsd: 0 };
    limiter.end(CALLER, rowOf("r"), { total, byModel: Object.fromEntries(charges) });
  };
  const counts = () =>
    Object.fromEntries([...shared.counts].filter(([, count]) => count !== 0).sort());
  return {
    ...{ admit, extend, end, counts, calls, clock },
    during: (what: () => void) => {
      during = what;
    },
  };
};

describe("limits that are shared with systems elsewhere", () => {
  // Only what was taken at admission was counted: nothing of a request that went on alone, and nothing of the
  // limits of whoever was asked next.
  it("count what a request that followed another takes once it goes on alone", async () => {
    const { admit, extend, end, counts } = scene();
    await admit();
    expect(counts()).toEqual({ requestsA: 1 });
    expect(await extend("a", 100, 0, 100)).toBe(true);
    expect(counts()).toEqual({ all: 100, requestsA: 1, tokensA: 100 });
    end({ a: 40 });
    expect(counts()).toEqual({ all: 40, requestsA: 1, tokensA: 40 });
  });

  it("count a fallback in its own limits, and each target for itself at the end", async () => {
    const { admit, extend, end, counts } = scene();
    await admit(100);
    expect(await extend("b", 30, 1, 100)).toBe(true);
    expect(counts()).toEqual({ all: 130, requestsA: 1, requestsB: 1, tokensA: 100, tokensB: 100 });
    end({ a: 10, b: 150 });
    expect(counts()).toEqual({ all: 160, requestsA: 1, requestsB: 1, tokensA: 10, tokensB: 150 });
  });

  // A request that could never pass was counted as refused by them, and not by the limits of the object.
  it("count whom they have refused, and not whom they could never let through", async () => {
    const { admit, calls, clock } = scene();
    expect(await admit(2_000)).toMatchObject({ code: "request_exceeds_limit", status: 400 });
    await clock.play(2_000);
    expect(calls).toEqual([]);
    await admit(900);
    expect(await admit(900)).toMatchObject({ code: "rate_limit_tokens", status: 429 });
    await clock.play(2_000);
    expect(calls).toEqual(["admit", "deny"]);
  });

  it("give back what was taken for whoever was not asked after all", async () => {
    const { admit, end, counts } = scene();
    await admit(100);
    end({ b: 5 });
    expect(counts()).toEqual({ all: 5 });
  });

  it("hold no tokens for a request that follows one elsewhere, until it goes on alone", async () => {
    const { admit, extend, end, counts } = scene({ follows: true });
    await admit(100);
    expect(counts()).toEqual({ requestsA: 1 });
    await extend("a", 100, 0, 100);
    end({ a: 40 });
    expect(counts()).toEqual({ all: 40, requestsA: 1, tokensA: 40 });
  });

  it("give back an attempt that the object refuses", async () => {
    const { admit, extend, counts } = scene({ extends: false });
    await admit(100);
    const before = counts();
    expect(await extend("b", 30, 1, 100)).toBe(false);
    expect(counts()).toEqual(before);
  });

  it("refuse an attempt of which one of them has no room, all of it, and ask nobody else", async () => {
    const { admit, extend, counts, calls } = scene();
    await admit(100);
    const before = counts();
    expect(await extend("b", 30, 1, 501)).toBe(false);
    expect(counts()).toEqual(before);
    expect(calls).toEqual(["admit"]);
  });

  it("give back an attempt of a request that has ended meanwhile", async () => {
    const { admit, extend, end, counts, during } = scene();
    await admit(100);
    during(() => end({ a: 7 }));
    await extend("b", 30, 1, 100);
    expect(counts()).toEqual({ all: 7, requestsA: 1, tokensA: 7 });
  });

  it("count whom the object has chosen instead of the first target", async () => {
    const { admit, end, counts } = scene({ chooses: "b" });
    await admit(100);
    expect(counts()).toEqual({ all: 100, requestsB: 1, tokensB: 100 });
    end({ b: 60 });
    expect(counts()).toEqual({ all: 60, requestsB: 1, tokensB: 60 });
  });

  // Whoever named a target that they had no room for was refused, while the organisation's own limits of single
  // models sent him on to the next one.
  it("send a request to the first target that they have room for, and on with those after it", async () => {
    const { admit, end, counts } = scene();
    await admit(480);
    expect(await admit(430)).toMatchObject({ ok: true, models: ["b", "c"] });
    expect(counts()).toEqual({ all: 910, requestsA: 1, requestsB: 1, tokensA: 480, tokensB: 430 });
    expect(await admit(80)).toMatchObject({ ok: true, models: ["a", "b", "c"] });
    end({ a: 80 });
    expect(counts()).toMatchObject({ all: 990, tokensA: 560, requestsA: 2 });
    expect(await admit(20)).toMatchObject({ code: "rate_limit_tokens", limit: 1_000 });
  });

  it("send on whom the object has chosen a target for that they have no room for", async () => {
    const { admit, end, counts, calls } = scene({ chooses: "b,c" });
    expect(await admit(501)).toMatchObject({ ok: true, models: ["c"], held: { tokens: 501 } });
    expect(calls).toEqual(["admit", "extend"]);
    expect(counts()).toEqual({ all: 501 });
    end({ c: 60 });
    expect(counts()).toEqual({ all: 60 });
  });

  it("refuse a request for which the object has no room at the next target either", async () => {
    const { admit, counts } = scene({ chooses: "b,c", extends: false });
    expect(await admit(501)).toMatchObject({ ok: false, code: "request_exceeds_limit" });
    expect(counts()).toEqual({});
  });

  it("refuse a request whose second target they have no room for, and leave nothing held", async () => {
    const { admit, counts, calls } = scene({ chooses: "b" });
    expect(await admit(501)).toMatchObject({ ok: false, status: 400 });
    expect(counts()).toEqual({});
    expect(calls).toEqual(["admit"]);
  });
});
