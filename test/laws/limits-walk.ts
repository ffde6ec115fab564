/**
 * Decides: which rules the laws of every way of counting are tried with, and how one is walked through takings
 * and settlings.
 * Never: judges what it sees.
 */
import fc from "fast-check";
import type { LimitRule } from "../../src/domain/limit.ts";
import { COUNTERS } from "../../src/policy/limits/counters.ts";
import { LENGTH_MS, NOON, ruleOf } from "../policy/limits/rule.ts";
import { thousandths } from "./thousandths.ts";

export const MAX = 50;
const of = (rule: Partial<LimitRule>): LimitRule => ruleOf({ max: MAX, ...rule });
const RULES: readonly LimitRule[] = [
  of({ kind: "bucket" }),
  of({ kind: "bucket", burst: 7, per: "hour" }),
  of({ kind: "sliding", unit: "tokens" }),
  of({ kind: "sliding", unit: "tokens", per: "day" }),
  of({ kind: "leaky" }),
  of({ kind: "leaky", maxWaitMs: 20_000, per: "hour" }),
  of({ kind: "calendar", per: "minute", timezone: "Asia/Kolkata" }),
  of({ kind: "calendar", per: "hour", timezone: "Australia/Lord_Howe" }),
  of({ kind: "slots", per: undefined, unit: "concurrent" }),
];

/** As shares: of the period for `pause`, of the maximum for amounts. */
const step = fc.record({
  pause: fc.oneof(fc.constant(0), thousandths(0.05), thousandths(1.5)),
  amount: fc.integer({ min: 1, max: MAX }),
  /** Settles the hold that is so far back, before asking. */
  settles: fc.option(fc.nat({ max: 5 })),
  actual: fc.nat({ max: 100 }),
});
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
const steps = fc.array(step, { minLength: 1, maxLength: 60 });

export type Held = { readonly window: string; readonly amount: number };
export type Moment = {
  readonly state: unknown;
  readonly rule: LimitRule;
  readonly amount: number;
  readonly now: number;
  /** What was taken and not settled. */
  readonly held: readonly Held[];
};

export const isSlot = ({ kind }: LimitRule): boolean => kind === "slots";
/** An amount that fits the rule at all. */
export const fitting = ({ kind, burst }: LimitRule, amount: number): number =>
  kind === "bucket" ? 1 + (amount % burst) : amount;

/** Walks a rule through the steps, and shows each moment at which something is asked for. */
export const walk = (
  rule: LimitRule,
  all: readonly Step[],
  look: (moment: Moment) => void,
  overruns = false,
): unknown[] => {
  const counter = COUNTERS[rule.kind];
  const length = rule.per === undefined ? 60_000 : LENGTH_MS[rule.per as "hour"];
  const held: Held[] = [];
  const states: unknown[] = [];
  let state: unknown;
  let now = NOON;
  for (const { pause, amount: size, settles, actual } of all) {
    now += Math.floor(pause * length);
    const open = settles === null ? undefined : held.splice(settles, 1)[0];
    if (open !== undefined) {
      const used = overruns ? actual : Math.min(actual, open.amount);
      const spent = isSlot(rule) ? 0 : used;
      state = counter.settle(state, rule, open.window, open.amount, spent, now);
    }
    const amount = fitting(rule, size);
    look({ state, rule, amount, now, held });
    if (counter.check(state, rule, amount, now).verdict === "go") {
      const taken = counter.take(state, rule, amount, now);
      state = taken.state;
      held.push({ window: taken.window, amount });
    }
    states.push(state);
  }
  return states;
};

export const everyRule = (property: (rule: LimitRule, all: readonly Step[]) => void): void => {
  fc.assert(fc.property(fc.constantFrom(...RULES), steps, property), { numRuns: 3_000 });
};
