import { describe, expect, it } from "vitest";
import { type Cost, type LimitRule, NO_COST } from "../../../src/domain/limit.ts";
import { expire, settle } from "../../../src/policy/limits/account.ts";
import { type Book, draftOf } from "../../../src/policy/limits/book.ts";
import { COUNTERS } from "../../../src/policy/limits/counters.ts";
import { charge, type Drawn, draw, giveBack, grant } from "../../../src/policy/limits/lease.ts";
import { takeAll } from "../../../src/policy/limits/take.ts";
import { GRACE_MS } from "../../../src/policy/limits/times.ts";
import { NOON, ruleOf } from "./rule.ts";

const NOTHING: Book = { rule: () => undefined, reservation: () => undefined };

/** Requests in a block, of a limit of 10,000 of which so many are used. */
const blockOf = (more: Parameters<typeof ruleOf>[0], used: number): number | undefined => {
  const rule = ruleOf({ max: 10_000, ...more });
  const draft = draftOf({ rule: () => undefined, reservation: () => undefined });
  takeAll(draft, [rule], { ...NO_COST, requests: used }, undefined, NOON);
  const cost = { ...NO_COST, requests: 1 };
  return grant(draft, { id: "block", rules: [rule], cost }, NOON)?.requests;
};
const day = { kind: "calendar", per: "day" } as const;
const minute = { kind: "sliding", per: "minute" } as const;

describe("a block", () => {
  it.each([
    ["a twentieth of what is left of a budget", day, 0, 500],
    ["a twentieth of what is left of a budget", day, 6_000, 200],
    ["a twentieth of a fifth", day, 8_000, 100],
    ["none below a fifth", day, 8_001, undefined],
    ["what flows in two seconds", minute, 0, 333],
    ["a twentieth of what is left where that is less", minute, 6_000, 200],
    ["none below a fifth", minute, 8_001, undefined],
  ])("is %s: %j, %i used", (_, more, used, requests) => {
    expect(blockOf(more, used)).toBe(requests);
  });

  it("is none of a single request, which saves nothing", () => {
    expect(blockOf({ ...day, max: 40 }, 0)).toBe(2);
    expect(blockOf({ ...day, max: 39 }, 0)).toBeUndefined();
  });

  it.each<[string, Partial<LimitRule>]>([
    ["makes wait", { kind: "leaky" }],
    ["is tried out", { ...day, mode: "shadow" }],
    ["is of single targets", { ...day, models: ["a"] }],
  ])("is given of no limit that %s: it needs a look at each request", (_, more) => {
    expect(blockOf(more, 0)).toBeUndefined();
  });

  it("is given whatever is left of a limit of which its requests take nothing", () => {
    const full = ruleOf({ id: "full", unit: "tokens", kind: "sliding", max: 10 });
    const roomy = ruleOf({ id: "roomy", ...day, max: 10_000 });
    const draft = draftOf(NOTHING);
    takeAll(draft, [full], { ...NO_COST, tokens: 10 }, undefined, NOON);
    const cost = { ...NO_COST, requests: 1 };
    expect(grant(draft, { id: "block", rules: [full, roomy], cost }, NOON)?.requests).toBe(500);
  });

  it("is not given again once it is over", () => {
    const draft = draftOf(NOTHING);
    const leasing = { id: "block", rules: [ruleOf({ ...day, max: 100 })], cost: cost(0) };
    expect(grant(draft, leasing, NOON)).toBeDefined();
    giveBack(draft, "block", NOON);
    expect(grant(draft, leasing, NOON)).toBeUndefined();
  });
});

const cost = (tokens: number): Cost => ({ ...NO_COST, requests: 1, tokens });
const ended = (tokens: number) => {
  const total = { tokens, nanoUsd: 0 };
  return { total, byModel: { a: total } };
};

describe("a block of requests in flight", () => {
  const rule = ruleOf({ unit: "tokens", kind: "sliding", per: "minute", max: 1_200 });
  const leasing = { id: "block", rules: [rule], cost: cost(20) };
  const DEADLINE = NOON + 3_600_000;
  const drawn: Drawn = {
    ...{ id: "d", lease: "block", cost: cost(40), model: "a", deadline: DEADLINE },
    floor: { tokens: 0, nanoUsd: 0 },
  };
  const standing = (book: Book) => {
    const { used, held } = COUNTERS.sliding.standing(book.rule(rule.id)?.state, rule, NOON);
    return [used, held];
  };

  // An asking that was repeated, since its answer was lost, took a second block over the first one, whose
  // hold nobody could give back: of slots, for good.
  it("is the same one for whoever asks again", () => {
    const draft = draftOf(NOTHING);
    const first = grant(draft, leasing, NOON);
    expect(first?.tokens).toBe(40);
    expect(grant(draft, leasing, NOON)).toEqual(first);
    expect(standing(draft)).toEqual([0, 40]);
  });

  // The charge was taken out of its sub-window before it was held there again. Where nothing else was in it,
  // it was gone by then, and what the request came to was counted nowhere.
  it("that was charged before its requests ended counts them all the same", () => {
    const draft = draftOf(NOTHING);
    grant(draft, leasing, NOON);
    charge(draft, "block", NOON + 12_000);
    expect(standing(draft)).toEqual([40, 0]);
    draw(draft, drawn, NOON + 13_000);
    expect(standing(draft)).toEqual([0, 40]);
    settle(draft, "d", ended(15), NOON + 14_000);
    expect(standing(draft)).toEqual([15, 0]);
  });

  it("says with each request that its charge has changed, and nothing while it is held", () => {
    const draft = draftOf(NOTHING);
    const version = () => draft.reservation("block")?.version;
    grant(draft, leasing, NOON);
    draw(draft, { ...drawn, id: "early", cost: cost(10) }, NOON);
    expect(version()).toBe(0);
    charge(draft, "block", NOON + 12_000);
    expect(version()).toBe(1);
    draw(draft, { ...drawn, id: "late", cost: cost(10) }, NOON + 13_000);
    draw(draft, { ...drawn, id: "late", cost: cost(10) }, NOON + 13_000);
    expect(version()).toBe(2);
  });

  it("is charged for all that is left of it but its slots, once it is over", () => {
    const rules = [
      { ...rule, max: 60_000 },
      ruleOf({ id: "usd", unit: "usd", ...day, max: 60_000 }),
      ruleOf({ id: "slots", unit: "concurrent", kind: "slots", per: undefined, max: 400 }),
    ];
    const each = { requests: 1, tokens: 20, nanoUsd: 70, slots: 1 };
    const draft = draftOf(NOTHING);
    const block = grant(draft, { ...leasing, rules, cost: each }, NOON);
    draw(draft, { ...drawn, cost: each }, NOON);
    expect(charge(draft, "block", NOON + 11_999)).toBeUndefined();
    const left = { tokens: (block?.tokens ?? 0) - 20, nanoUsd: (block?.nanoUsd ?? 0) - 70 };
    expect(left.tokens).toBeGreaterThan(0);
    expect(charge(draft, "block", NOON + 12_000)).toEqual(left);
    const used = rules.map((one) => {
      const now = COUNTERS[one.kind].standing(draft.rule(one.id)?.state, one, NOON);
      return [now.used, now.held];
    });
    expect(used).toEqual([
      [left.tokens, 20],
      [left.nanoUsd, 70],
      [0, 1],
    ]);
  });

  it("leaves a request to its own end, after its own deadline", () => {
    const draft = draftOf(NOTHING);
    grant(draft, leasing, NOON);
    draw(draft, { ...drawn, floor: { tokens: 7, nanoUsd: 0 } }, NOON);
    giveBack(draft, "block", NOON);
    expect(expire(draft, "d", "a", DEADLINE + GRACE_MS - 1)).toBeUndefined();
    expect(expire(draft, "d", "a", DEADLINE + GRACE_MS)).toEqual({ tokens: 7, nanoUsd: 0 });
  });
});
