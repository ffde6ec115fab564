import { describe, expect, it } from "vitest";
import { NO_COST } from "../../../src/domain/limit.ts";
import { draftOf } from "../../../src/policy/limits/book.ts";
import { grant } from "../../../src/policy/limits/lease.ts";
import { takeAll } from "../../../src/policy/limits/take.ts";
import { NOON, ruleOf } from "./rule.ts";

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
});
