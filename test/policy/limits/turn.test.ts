import { describe, expect, it } from "vitest";
import { NO_COST } from "../../../src/domain/limit.ts";
import { extend, settle } from "../../../src/policy/limits/account.ts";
import type { Admission } from "../../../src/policy/limits/admission.ts";
import { admit } from "../../../src/policy/limits/admit.ts";
import { draftOf } from "../../../src/policy/limits/book.ts";
import { COUNTERS } from "../../../src/policy/limits/counters.ts";
import { NOON, ruleOf } from "./rule.ts";

const empty = () => draftOf({ rule: () => undefined, reservation: () => undefined });
const asking = (id: string, rules: Admission["rules"], tokens: number): Admission => {
  const cost = { ...NO_COST, requests: 1, tokens };
  const option = { model: "a", cost, floor: { tokens: 0, nanoUsd: 0 } };
  return { id, rules, ways: [{ from: 0, options: [option] }], deadline: NOON + 3_600_000 };
};
/** So many tokens at the last target. */
const ended = (tokens: number) => {
  const charge = { tokens, nanoUsd: 0 };
  return { total: charge, byModel: { a: { tokens: 0, nanoUsd: 0 }, b: charge } };
};

describe("one more attempt", () => {
  // A leaky limit of tokens had one more attempt stand in the queue behind its own request: nothing ever fell
  // back under it. Under one that only watches, the second turn kept the first from being given back.
  it.each(["on", "shadow"] as const)("makes a turn larger in its place where it is %s", (mode) => {
    const queue = { ...ruleOf({ unit: "tokens", kind: "leaky", per: "hour", max: 3_600 }), mode };
    const draft = empty();
    admit(draft, asking("r", [queue], 100), NOON);
    const more = { tokens: 60, nanoUsd: 0 };
    const asked = { model: "b", rules: [queue], more, own: NO_COST };
    expect(extend(draft, "r", asked, NOON)).toBe(true);
    settle(draft, "r", ended(20), NOON + 1_000);
    const usedAt = (now: number) =>
      COUNTERS.leaky.standing(draft.rule(queue.id)?.state, queue, now).used;
    expect(usedAt(NOON + 1_000)).toBe(19);
    expect(usedAt(NOON + 20_000)).toBe(0);
  });

  it("makes no turn larger than a limit that refuses ever allows", () => {
    const queue = ruleOf({ unit: "tokens", kind: "leaky", per: "hour", max: 120 });
    const draft = empty();
    admit(draft, asking("r", [queue], 100), NOON);
    const asked = { model: "b", rules: [queue], own: NO_COST };
    expect(extend(draft, "r", { ...asked, more: { tokens: 21, nanoUsd: 0 } }, NOON)).toBe(false);
    expect(extend(draft, "r", { ...asked, more: { tokens: 20, nanoUsd: 0 } }, NOON)).toBe(true);
    settle(draft, "r", ended(0), NOON);
    expect(COUNTERS.leaky.standing(draft.rule(queue.id)?.state, queue, NOON).used).toBe(0);
  });

  it("of another target under the same limit stands in the queue by itself", () => {
    const queue = ruleOf({ kind: "leaky", max: 60, maxWaitMs: 60_000, models: ["a", "b"] });
    const draft = empty();
    admit(draft, asking("r", [queue], 0), NOON);
    const own = { ...NO_COST, requests: 1 };
    const asked = { model: "b", rules: [queue], more: { tokens: 0, nanoUsd: 0 }, own };
    expect(extend(draft, "r", asked, NOON)).toBe(true);
    expect(draft.reservation("r")?.holds).toMatchObject([
      { model: "a", amount: 1 },
      { model: "b", amount: 1 },
    ]);
  });

  it("grows beyond a limit that only watches, and not beyond one in force", () => {
    const grown = (mode: "on" | "shadow") => {
      const queue = { ...ruleOf({ unit: "tokens", kind: "leaky", max: 100 }), mode };
      const draft = empty();
      admit(draft, asking("r", [queue], 60), NOON);
      const more = { tokens: 60, nanoUsd: 0 };
      return extend(draft, "r", { model: "b", rules: [queue], more, own: NO_COST }, NOON);
    };
    expect([grown("on"), grown("shadow")]).toEqual([false, true]);
  });
});
