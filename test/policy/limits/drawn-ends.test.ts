import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LimitRule } from "../../../src/domain/limit.ts";
import { settle } from "../../../src/policy/limits/account.ts";
import { type Draft, draftOf } from "../../../src/policy/limits/book.ts";
import type { Actual } from "../../../src/policy/limits/came-to.ts";
import { COUNTERS } from "../../../src/policy/limits/counters.ts";
import { chargeTogether, type DrawnEnd } from "../../../src/policy/limits/drawn-ends.ts";
import { draw, giveBack, grant } from "../../../src/policy/limits/lease.ts";
import { NOON, ruleOf } from "./rule.ts";

const RULES: readonly LimitRule[] = [
  ruleOf({ id: "hour", kind: "sliding", per: "hour", max: 1_000_000 }),
  ruleOf({ id: "bucket", unit: "tokens", kind: "bucket", per: "hour", max: 100_000_000 }),
  ruleOf({ id: "day", unit: "tokens", kind: "calendar", per: "day", max: 1_000_000 }),
  ruleOf({ id: "money", unit: "usd", kind: "calendar", per: "month", max: 1_000_000_000 }),
  ruleOf({ id: "slots", unit: "concurrent", kind: "slots", per: undefined, max: 1_000 }),
];

const COST = { requests: 1, tokens: 100, nanoUsd: 5_000, slots: 1 };
const REQUESTS = 8;
const TOKENS = { min: 0, max: COST.tokens };
const NANO_USD = { min: 0, max: COST.nanoUsd };

const withBlocks = (): Draft => {
  const draft = draftOf({ rule: () => undefined, reservation: () => undefined });
  for (const id of ["one", "two"]) {
    const block = grant(draft, { id, rules: RULES, cost: COST, most: REQUESTS }, NOON);
    expect(block?.requests).toBe(REQUESTS);
  }
  return draft;
};

const endOf = (
  name: number,
  { lease, asked, tokens, nanoUsd }: { lease: string; asked: boolean } & Actual["total"],
): DrawnEnd => {
  const total = asked ? { tokens, nanoUsd } : { tokens: 0, nanoUsd: 0 };
  const floor = { tokens: 10, nanoUsd: 100 };
  return {
    id: `r${name}`,
    drawn: { id: `r${name}`, lease, cost: COST, floor, deadline: NOON + 60_000, model: "a" },
    actual: { total, byModel: asked ? { a: total } : {} },
  };
};

const ENDS = fc
  .array(
    fc.record({
      lease: fc.constantFrom("one", "two"),
      asked: fc.boolean(),
      tokens: fc.integer(TOKENS),
      nanoUsd: fc.integer(NANO_USD),
    }),
    { maxLength: REQUESTS },
  )
  .map((ends) => ends.map((each, at) => endOf(at, each)));

const standings = (draft: Draft, now: number): unknown =>
  RULES.map((rule) => COUNTERS[rule.kind].standing(draft.rule(rule.id)?.state, rule, now));

describe("ends of requests that were admitted out of blocks", () => {
  it("come to the same in one sum as one by one, and leave the same of their blocks", () => {
    fc.assert(
      fc.property(ENDS, (ends) => {
        const [together, apart] = [withBlocks(), withBlocks()];
        const charged = chargeTogether(together, ends, NOON);
        for (const { id, drawn, actual } of ends) {
          if (drawn !== undefined) draw(apart, drawn, NOON);
          settle(apart, id, actual, NOON);
        }
        expect([...charged]).toEqual(ends.map(({ id }) => id));
        expect(standings(together, NOON)).toEqual(standings(apart, NOON));
        for (const { id } of ends) {
          const { state, holds, version } = apart.reservation(id) ?? {};
          expect(together.reservation(id)).toMatchObject({ state, holds, version });
        }
        for (const draft of [together, apart]) {
          for (const id of ["one", "two"]) giveBack(draft, id, NOON);
        }
        expect(standings(together, NOON)).toEqual(standings(apart, NOON));
      }),
    );
  });

  it("are charged by themselves where a request has a reservation or its block is gone", () => {
    const draft = withBlocks();
    const known = endOf(0, { lease: "one", asked: true, tokens: 5, nanoUsd: 5 });
    const late = endOf(1, { lease: "two", asked: true, tokens: 5, nanoUsd: 5 });
    if (known.drawn !== undefined) draw(draft, known.drawn, NOON);
    giveBack(draft, "two", NOON);
    const never = { ...endOf(2, { lease: "one", asked: true, tokens: 5, nanoUsd: 5 }) };
    const asked = { ...never, drawn: undefined };
    expect(chargeTogether(draft, [known, late, asked], NOON)).toEqual(new Set());
  });

  it("are charged once where they come twice", () => {
    const draft = withBlocks();
    const end = endOf(0, { lease: "one", asked: true, tokens: 40, nanoUsd: 0 });
    chargeTogether(draft, [end, end], NOON);
    expect(chargeTogether(draft, [end], NOON)).toEqual(new Set());
    const [, , day] = standings(draft, NOON) as { used: number }[];
    expect(day?.used).toBe(40);
  });
});
