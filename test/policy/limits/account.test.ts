import { describe, expect, it } from "vitest";
import { NO_COST } from "../../../src/domain/limit.ts";
import { expire, extend, progress, settle } from "../../../src/policy/limits/account.ts";
import type { Admission } from "../../../src/policy/limits/admission.ts";
import { admit } from "../../../src/policy/limits/admit.ts";
import { type Book, type Draft, draftOf } from "../../../src/policy/limits/book.ts";
import type { Actual } from "../../../src/policy/limits/came-to.ts";
import { COUNTERS } from "../../../src/policy/limits/counters.ts";
import { NOON, ruleOf } from "./rule.ts";

const NOTHING: Book = { rule: () => undefined, reservation: () => undefined };
const HOUR = 3_600_000;
/** After every deadline. */
const LATE = NOON + 2 * HOUR;

const cost = (tokens: number) => ({ ...NO_COST, requests: 1, tokens });
const option = (model: string, tokens: number) => ({
  model,
  cost: cost(tokens),
  floor: { tokens: 0, nanoUsd: 0 },
});
const asking = (
  id: string,
  rules: Admission["rules"],
  ...options: [ReturnType<typeof option>, ...ReturnType<typeof option>[]]
): Admission => ({ id, rules, ways: [{ from: 0, options }], deadline: NOON + HOUR });
/** So many tokens at each target. */
const endedAt = (tokens: Readonly<Record<string, number>>): Actual => {
  const charges = Object.entries(tokens).map(([model, each]) => [
    model,
    { tokens: each, nanoUsd: 0 },
  ]);
  const all = Object.values(tokens).reduce((sum, each) => sum + each, 0);
  return { total: { tokens: all, nanoUsd: 0 }, byModel: Object.fromEntries(charges) };
};
const ended = (tokens: number): Actual => endedAt({ a: tokens });

describe("an account", () => {
  // All of what a request came to went to the window of its first hold: an hour's budget of 100 that other
  // requests had used half of stood at 150, though nobody had used more than was held for him.
  it("charges what was held in two windows to both, each up to its hold", () => {
    const hour = ruleOf({ unit: "tokens", kind: "calendar", per: "hour", max: 100 });
    const draft = draftOf(NOTHING);
    admit(draft, asking("other", [hour], option("a", 50)), NOON);
    admit(draft, asking("long", [hour], option("a", 50)), NOON);
    const more = { tokens: 60, nanoUsd: 0 };
    extend(draft, "long", { model: "a", rules: [hour], more, own: NO_COST }, NOON + HOUR);
    settle(draft, "long", ended(80), NOON + HOUR);
    const standing = COUNTERS.calendar.standing(draft.rule(hour.id)?.state, hour, NOON + HOUR);
    expect([standing.used, standing.held]).toEqual([30, 0]);
  });

  it("charges a limit of two targets for what each of them came to", () => {
    const ofBoth = ruleOf({ unit: "tokens", kind: "sliding", max: 100, models: ["a", "b"] });
    const draft = draftOf(NOTHING);
    admit(draft, asking("r", [ofBoth], option("a", 50)), NOON);
    const second = { model: "b", more: { tokens: 0, nanoUsd: 0 }, own: cost(50) };
    expect(extend(draft, "r", { ...second, rules: [ofBoth] }, NOON)).toBe(true);
    settle(draft, "r", endedAt({ a: 20, b: 70 }), NOON);
    const { used, held } = COUNTERS.sliding.standing(draft.rule(ofBoth.id)?.state, ofBoth, NOON);
    expect([used, held]).toEqual([90, 0]);
  });

  // The answer was lost, the question repeated, and twice as much held until the request had ended.
  it("gives more once to whoever asks again for the same", () => {
    const minute = ruleOf({ unit: "tokens", kind: "sliding", per: "minute", max: 100 });
    const draft = draftOf(NOTHING);
    admit(draft, asking("r", [minute], option("a", 10)), NOON);
    const more = { tokens: 30, nanoUsd: 0 };
    const once = { name: "second", model: "a", rules: [minute], more, own: NO_COST };
    const held = () => COUNTERS.sliding.standing(draft.rule(minute.id)?.state, minute, NOON).held;
    expect(extend(draft, "r", once, NOON)).toBe(true);
    expect(extend(draft, "r", once, NOON)).toBe(true);
    expect(held()).toBe(40);
    expect(extend(draft, "r", { ...once, name: "third" }, NOON)).toBe(true);
    expect(held()).toBe(70);
    expect(extend(draft, "r", once, NOON)).toBe(true);
    expect(held()).toBe(70);
  });

  // A fallback was asked whether its own limit of slots had room, and took none.
  it("takes a slot of the target that is asked next", () => {
    const slots = { kind: "slots", unit: "concurrent", per: undefined, max: 1 } as const;
    const one = ruleOf({ ...slots, id: "one", models: ["b"] });
    const draft = draftOf(NOTHING);
    const own = { ...cost(0), slots: 1 };
    const more = { tokens: 0, nanoUsd: 0 };
    for (const id of ["first", "second"]) admit(draft, asking(id, [one], option("a", 0)), NOON);
    const asked = { model: "b", rules: [one], more, own };
    expect(extend(draft, "first", asked, NOON)).toBe(true);
    expect(extend(draft, "second", asked, NOON)).toBe(false);
    settle(draft, "first", ended(0), NOON);
    expect(extend(draft, "second", asked, NOON)).toBe(true);
  });
});

describe("a request whose end nobody tells", () => {
  const rules = ["a", "b"].map((model) =>
    ruleOf({ id: model, unit: "tokens", kind: "sliding", per: "day", max: 100, models: [model] }),
  );
  const used = (draft: Draft): number[] =>
    rules.map((rule) => COUNTERS.sliding.standing(draft.rule(rule.id)?.state, rule, LATE).used);
  const gone = (draft: Draft): void => void expire(draft, "r", "a", LATE);
  const begun = (): Draft => {
    const draft = draftOf(NOTHING);
    const floor = { tokens: 10, nanoUsd: 0 };
    admit(draft, asking("r", rules, { ...option("a", 30), floor }), NOON);
    return draft;
  };
  const forB = {
    ...{ model: "b", rules, more: { tokens: 0, nanoUsd: 0 }, own: cost(30) },
    floor: endedAt({ a: 0, b: 10 }),
  };

  it("is charged to the limits of the target that it was admitted for", () => {
    const draft = begun();
    gone(draft);
    expect(used(draft)).toEqual([10, 0]);
  });

  // The first target's own limit was charged for what a fallback had read, and the fallback's own for nothing.
  it("is charged to those of the target that was asked last", () => {
    const draft = begun();
    extend(draft, "r", forB, NOON);
    gone(draft);
    expect(used(draft)).toEqual([0, 10]);
  });

  it("is charged to those of all that were seen at work, each for itself", () => {
    const draft = begun();
    extend(draft, "r", forB, NOON);
    const { total, byModel } = endedAt({ a: 8, b: 12 });
    progress(draft, "r", { ...total, byModel }, NOON);
    gone(draft);
    expect(used(draft)).toEqual([8, 12]);
  });

  it("is charged what its last attempt would be, at least", () => {
    const draft = begun();
    extend(draft, "r", { ...forB, floor: endedAt({ b: 25 }) }, NOON);
    gone(draft);
    expect(used(draft)).toEqual([0, 25]);
  });

  it("is charged the most that was seen at each of them, in whatever order it was told", () => {
    const draft = begun();
    extend(draft, "r", forB, NOON);
    for (const seen of [{ a: 8 }, { b: 12 }, { a: 3 }, {}]) {
      const { total, byModel } = endedAt(seen);
      progress(draft, "r", { ...total, byModel }, NOON);
    }
    gone(draft);
    expect(used(draft)).toEqual([8, 12]);
  });
});

describe("a denial", () => {
  const tokens = { unit: "tokens", kind: "sliding", per: "minute" } as const;
  const small = ruleOf({ ...tokens, id: "small", max: 10, models: ["a"] });
  const other = ruleOf({ ...tokens, id: "other", max: 100, models: ["b"] });
  const all = ruleOf({ ...tokens, id: "all", per: "hour", max: 100 });

  // One target that could never take the request hid another one that would, in a minute: 400.
  it("is a wait where one target is too small, and another one only busy", () => {
    const rules = [small, other];
    const draft = draftOf(NOTHING);
    admit(draft, asking("before", rules, option("b", 90)), NOON);
    const both = asking("now", rules, option("a", 50), option("b", 50));
    expect(admit(draft, both, NOON)).toMatchObject({ status: 429, retryAfterMs: 60_000 });
    expect(admit(draft, both, NOON + 60_000)).toMatchObject({ ok: true, models: ["b"] });
  });

  it("is of the spent budget, however much longer a rate lasts", () => {
    const usd = ruleOf({ id: "usd", unit: "usd", kind: "sliding", per: "minute", max: 10 });
    const rate = ruleOf({ id: "rate", unit: "requests", kind: "calendar", per: "day", max: 1 });
    const draft = draftOf(NOTHING);
    const one = option("a", 0);
    const dear = { ...one, cost: { ...one.cost, nanoUsd: 10 } };
    admit(draft, asking("first", [usd, rate], dear), NOON);
    const spent = { total: { tokens: 0, nanoUsd: 10 }, byModel: { a: { tokens: 0, nanoUsd: 10 } } };
    settle(draft, "first", spent, NOON);
    // Waiting for the budget alone would not be enough.
    expect(admit(draft, asking("second", [rate, usd], dear), NOON)).toMatchObject({
      ...{ code: "budget_exceeded", status: 402, retryAfterMs: 12 * HOUR },
    });
  });

  // A budget that was smaller than the request was told as a fault of the caller, until it was nothing.
  it.each([0, 5])("is of the budget where it does not pay for one request: %i of 10", (max) => {
    const usd = ruleOf({ unit: "usd", kind: "calendar", per: "day", max });
    const one = option("a", 0);
    const dear = { ...one, cost: { ...one.cost, nanoUsd: 10 } };
    expect(admit(draftOf(NOTHING), asking("dear", [usd], dear), NOON)).toMatchObject({
      ...{ code: "budget_exceeded", status: 402, retryAfterMs: undefined },
    });
    const told = { ...usd, budgetStatus: 429 } as const;
    expect(admit(draftOf(NOTHING), asking("dear", [told], dear), NOON)).toMatchObject({
      ...{ code: "budget_exceeded", status: 429, retryAfterMs: 12 * HOUR },
    });
  });

  // Money that slides or flows was said to be free when its window is over; the request that held it ended at once.
  it.each(["sliding", "bucket", "calendar"] as const)("held in flight is soon free: %s", (kind) => {
    const usd = ruleOf({ unit: "usd", kind, per: "hour", max: 100, burst: 100 });
    const draft = draftOf(NOTHING);
    const one = option("a", 0);
    const dear = { ...one, cost: { ...one.cost, nanoUsd: 60 } };
    admit(draft, asking("running", [usd], dear), NOON);
    const answer = admit(draft, asking("next", [usd], dear), NOON);
    expect(answer).toMatchObject({ code: "budget_held", status: 429, retryAfterMs: 1_000 });
  });

  // A month was told in seconds: nobody comes back after that, and no client takes such a figure.
  it("tells nobody to wait for longer than a day", () => {
    const month = ruleOf({
      unit: "usd",
      kind: "calendar",
      per: "month",
      max: 5,
      budgetStatus: 429,
    });
    const one = option("a", 0);
    const dear = { ...one, cost: { ...one.cost, nanoUsd: 10 } };
    const answer = admit(draftOf(NOTHING), asking("dear", [month], dear), NOON);
    expect(answer).toMatchObject({ status: 429, retryAfterMs: 24 * HOUR });
  });

  // Who waited for the target's own limit met that of the whole request only then.
  it("says the wait of all that is in the way", () => {
    const rules = [other, all];
    const draft = draftOf(NOTHING);
    admit(draft, asking("before", rules, option("b", 90)), NOON);
    const again = asking("again", rules, option("b", 50));
    expect(admit(draft, again, NOON)).toMatchObject({ retryAfterMs: HOUR });
    expect(admit(draft, again, NOON + HOUR).ok).toBe(true);
  });
});
