import { describe, expect, it } from "vitest";
import { err, ok } from "../../src/base/result.ts";
import { type Cost, NO_COST } from "../../src/domain/limit.ts";
import type { Caller } from "../../src/domain/tenant.ts";
import { onwards } from "../../src/platform/limiter-onwards.ts";
import type { OrganisationCalls } from "../../src/platform/objects/organisation-calls.ts";
import type { Reach } from "../../src/platform/organisation-reach.ts";
import type { Extension } from "../../src/policy/limits/account.ts";
import {
  type Admission,
  type Admitted,
  type Option,
  plainlyAdmitted,
} from "../../src/policy/limits/admission.ts";
import { NOON, ruleOf } from "../policy/limits/rule.ts";

const CALLER = { tenant: "ten00001", locationHint: undefined } as Caller;
const costOf = (tokens: number, nanoUsd: number): Cost => ({
  ...{ requests: 1, tokens, nanoUsd, slots: 1 },
});
const option = (model: string, tokens: number, nanoUsd: number): Option => ({
  model,
  cost: costOf(tokens, nanoUsd),
  floor: { tokens: tokens / 10, nanoUsd: nanoUsd / 10 },
});
const RULES = [ruleOf({})];
const ADMISSION: Admission = {
  id: "r",
  rules: RULES,
  ways: [
    { from: 0, options: [option("a", 1, 1), option("b", 2, 2)] },
    { from: 0.5, options: [option("a", 100, 900), option("b", 300, 200), option("c", 10, 10)] },
  ],
  deadline: NOON,
};

/** The object has admitted on the second way, and gives more or does not; undefined: it is not reached. */
const stage = (gives: boolean | undefined, granted: Partial<Admitted> = {}) => {
  const asked: (readonly [string, Extension])[] = [];
  const object = {
    extend: async (id: string, extension: Extension) => {
      asked.push([id, extension]);
      return gives === true;
    },
  } as unknown as OrganisationCalls;
  const reach = (async (_, ask) =>
    gives === undefined
      ? err({ retryAfterMs: 1_000, mayHaveArrived: true })
      : ok(await ask(object))) as Reach<OrganisationCalls>;
  const answer = {
    ...plainlyAdmitted(ADMISSION),
    ...{ way: 1, models: ["a", "b", "c"], held: costOf(100, 900) },
    ...granted,
  } as Admitted;
  return { asked, next: () => onwards(reach, CALLER, ADMISSION, answer) };
};

describe("a request whose first target is full elsewhere", () => {
  it("goes on to the next of its way, held for the more of both", async () => {
    const { asked, next } = stage(true);
    expect(await next()).toMatchObject({ way: 1, models: ["b", "c"], held: costOf(300, 900) });
    const floor = { tokens: 30, nanoUsd: 20 };
    expect(asked).toEqual([
      [
        "r",
        {
          name: expect.any(String),
          ...{ model: "b", rules: RULES, more: { tokens: 200, nanoUsd: 0 } },
          own: costOf(300, 200),
          floor: { total: floor, byModel: { b: floor } },
        },
      ],
    ]);
  });

  it("is held for the money too that the next one costs beyond it", async () => {
    const { asked, next } = stage(true, { held: costOf(400, 150) });
    expect(await next()).toMatchObject({ held: costOf(400, 200) });
    expect(asked).toMatchObject([["r", { more: { tokens: 0, nanoUsd: 50 } }]]);
  });

  it("that follows another elsewhere is held for itself alone", async () => {
    const itself = { ...NO_COST, requests: 1, slots: 1 };
    const { asked, next } = stage(true, { ahead: "other", held: itself });
    expect(await next()).toMatchObject({ models: ["b", "c"], held: itself });
    expect(asked).toMatchObject([["r", { more: { tokens: 0, nanoUsd: 0 }, own: itself }]]);
  });

  it("that goes ahead itself is held like any other", async () => {
    const { next } = stage(true, { ahead: "r" });
    expect(await next()).toMatchObject({ held: costOf(300, 900) });
  });

  it("stays where it is without a next target, and asks nobody", async () => {
    const { asked, next } = stage(true, { models: ["c"] });
    expect(await next()).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it.each([false, undefined])("goes nowhere where the object gives no leave: %j", async (gives) => {
    expect(await stage(gives).next()).toBeUndefined();
  });
});
