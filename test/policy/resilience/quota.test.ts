import { describe, expect, it } from "vitest";
import type { QuotaRule } from "../../../src/domain/target.ts";
import {
  type Amount,
  type Grant,
  newQuota,
  quotaLeft,
  quotaStep,
} from "../../../src/policy/resilience/quota.ts";

const START = 1_700_000_040_000;
const NONE: Amount = { requests: 0, tokens: 0 };
const ONE: Amount = { requests: 1, tokens: 0 };

const quota = (...rules: readonly QuotaRule[]) => {
  let state = newQuota;
  return {
    take: (now: number, need: Amount, more: Amount = NONE, org = "acme"): Grant | undefined => {
      const step = quotaStep(state, { type: "take", org, need, more }, now, rules);
      state = step.state;
      return step.output;
    },
    correct: (now: number, when: number, by: Amount, org = "acme") => {
      state = quotaStep(state, { type: "correct", org, when, by }, now, rules).state;
    },
    left: (now: number) => quotaLeft(state, now, rules).map(({ remaining }) => remaining),
    state: () => state,
  };
};

const REQUESTS: QuotaRule = { unit: "requests", per: "minute", max: 10 };
const TOKENS: QuotaRule = { unit: "tokens", per: "hour", max: 1_000 };

describe("a provider's quota", () => {
  it("is given out up to its last unit, and says when the next fits", () => {
    const requests = quota(REQUESTS);
    for (let call = 0; call < 10; call += 1) {
      expect(requests.take(START, ONE)).toEqual({ granted: true, amount: ONE, at: START });
    }
    const refused = requests.take(START + 1_000, ONE);
    // A minute, the rest of the second in which they were taken, and the life of a block.
    expect(refused).toEqual({ granted: false, until: START + 63_000, toAll: true });
    expect(requests.take(START + 62_999, ONE)).toMatchObject({ granted: false });
    expect(requests.take(START + 63_000, ONE)).toMatchObject({ granted: true });
  });

  it("grants a call all of its rules or none", () => {
    const both = quota(REQUESTS, TOKENS);
    both.take(START, { requests: 1, tokens: 900 });
    const before = both.state();
    expect(both.take(START, { requests: 1, tokens: 101 })).toMatchObject({ granted: false });
    expect(both.state()).toEqual(before);
    expect(both.left(START)).toEqual([9, 100]);
  });

  it("names no time for a call that is larger than the quota", () => {
    expect(quota(TOKENS).take(START, { requests: 1, tokens: 1_001 })).toEqual({
      granted: false,
      until: null,
      toAll: true,
    });
  });

  it("gives blocks of a twentieth of what is left, and none when less than a fifth is", () => {
    const tokens = quota(TOKENS);
    const more = { requests: 0, tokens: 500 };
    expect(tokens.take(START, { requests: 1, tokens: 100 }, more)).toEqual({
      granted: true,
      at: START,
      amount: { requests: 1, tokens: 145 },
    });
    expect(tokens.take(START, { requests: 1, tokens: 660 }, more)).toEqual({
      granted: true,
      at: START,
      amount: { requests: 1, tokens: 660 },
    });
    const requests = quota({ ...REQUESTS, max: 1_010 });
    expect(requests.take(START, ONE, { requests: 500, tokens: 0 })).toMatchObject({
      amount: { requests: 51, tokens: 0 },
    });
  });

  it("remembers organisations only where they have a share, and only while it is in use", () => {
    const rule = { ...REQUESTS, share: 0.3 };
    const plain = quota(REQUESTS);
    plain.take(START, ONE);
    expect(plain.state()["requests/minute"]?.orgs).toEqual({});
    const shared = quota(rule);
    const orgs = () => Object.keys(shared.state()["requests/minute"]?.orgs ?? {});
    shared.take(START, ONE, NONE, "a");
    shared.take(START + 60_000, ONE, NONE, "b");
    expect(orgs()).toEqual(["a", "b"]);
    shared.take(START + 90_000, ONE, NONE, "b");
    expect(orgs()).toEqual(["b"]);
    shared.correct(START + 90_000, START + 60_000, { requests: -1, tokens: 0 }, "b");
    shared.correct(START + 90_000, START + 90_000, { requests: -1, tokens: 0 }, "b");
    expect(orgs()).toEqual([]);
  });

  it("lets one organisation take its share and the others theirs", () => {
    const shared = quota({ ...REQUESTS, share: 0.3 });
    const take = (org: string) => shared.take(START, ONE, NONE, org)?.granted;
    expect([take("a"), take("a"), take("a"), take("a")]).toEqual([true, true, true, false]);
    expect(shared.take(START, ONE, NONE, "a")).toMatchObject({ toAll: false });
    expect([take("b"), take("constructor")]).toEqual([true, true]);
    expect(shared.left(START)).toEqual([5]);
  });

  it("takes back what a call did not use, and charges what it used beyond", () => {
    const tokens = quota(TOKENS);
    tokens.take(START, { requests: 1, tokens: 800 });
    tokens.correct(START + 5_000, START, { requests: 0, tokens: -700 });
    expect(tokens.left(START + 5_000)).toEqual([900]);
    tokens.correct(START + 5_000, START, { requests: 0, tokens: 50 });
    expect(tokens.left(START + 5_000)).toEqual([850]);
  });

  it("gives back no more than was taken at that time, and is never less than used up", () => {
    const tokens = quota(TOKENS);
    tokens.take(START, { requests: 1, tokens: 100 });
    tokens.take(START + 600_000, { requests: 1, tokens: 300 });
    tokens.correct(START + 600_000, START, { requests: 0, tokens: -400 });
    expect(tokens.left(START + 600_000)).toEqual([700]);
    tokens.correct(START + 600_000, START, { requests: 0, tokens: 750 });
    expect(quotaLeft(tokens.state(), START + 600_000, [TOKENS])).toMatchObject([
      { used: 1_050, remaining: 0 },
    ]);
  });

  it("does not credit twice what has left the window", () => {
    const requests = quota(REQUESTS);
    requests.take(START, ONE);
    requests.correct(START + 120_000, START, { requests: -5, tokens: 0 });
    expect(requests.left(START + 120_000)).toEqual([10]);
  });
});
