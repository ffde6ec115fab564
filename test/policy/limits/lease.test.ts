import { describe, expect, it } from "vitest";
import { NO_COST } from "../../../src/domain/limit.ts";
import { settle } from "../../../src/policy/limits/account.ts";
import { type Book, draftOf } from "../../../src/policy/limits/book.ts";
import { COUNTERS } from "../../../src/policy/limits/counters.ts";
import { charge, draw, grant } from "../../../src/policy/limits/lease.ts";
import { NOON, ruleOf } from "./rule.ts";

const NOTHING: Book = { rule: () => undefined, reservation: () => undefined };
const cost = (tokens: number) => ({ ...NO_COST, requests: 1, tokens });
const ended = (tokens: number) => {
  const total = { tokens, nanoUsd: 0 };
  return { total, byModel: { a: total } };
};

describe("a block", () => {
  const rule = ruleOf({ unit: "tokens", kind: "sliding", per: "minute", max: 1_200 });
  const leasing = { id: "block", rules: [rule], cost: cost(20) };
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
    const drawn = {
      id: "d",
      lease: "block",
      cost: cost(40),
      model: "a",
      deadline: NOON + 3_600_000,
    };
    draw(draft, { ...drawn, floor: { tokens: 0, nanoUsd: 0 } }, NOON + 13_000);
    expect(standing(draft)).toEqual([0, 40]);
    settle(draft, "d", ended(15), NOON + 14_000);
    expect(standing(draft)).toEqual([15, 0]);
  });
});
