/**
 * Decides: which way of counting a rule's kind stands for, and that a count is only read by the way that wrote it.
 * Never: counts.
 *
 * What is kept goes in and comes out as `unknown`: it is JSON from a store. A count that was kept by another
 * kind, or of another period, is none of this rule's: it begins anew.
 */
import { isRecord } from "../../base/record.ts";
import type { LimitKind, LimitPeriod, LimitRule } from "../../domain/limit.ts";
import { bucket } from "./bucket.ts";
import { calendar } from "./calendar.ts";
import type { Counter } from "./counter.ts";
import { leaky } from "./leaky.ts";
import { sliding } from "./sliding.ts";
import { slots } from "./slots.ts";

type Kept<S> = {
  readonly kind: LimitKind;
  readonly per: LimitPeriod | undefined;
  readonly count: S;
};

const isKeptFor = <S>(kept: unknown, { kind, per }: LimitRule): kept is Kept<S> =>
  isRecord(kept) && kept["kind"] === kind && kept["per"] === per;

const countIn = <S>(kept: unknown, rule: LimitRule): S | undefined =>
  isKeptFor<S>(kept, rule) ? kept.count : undefined;

const keep = <S>({ kind, per }: LimitRule, count: S): Kept<S> => ({ kind, per, count });

/** The same way of counting, over counts that say whose they are. */
const keeping = <S>(counter: Counter<S>): Counter<unknown> => ({
  check: (kept, rule, amount, now) => counter.check(countIn<S>(kept, rule), rule, amount, now),
  take(kept, rule, amount, now) {
    const { state, window } = counter.take(countIn<S>(kept, rule), rule, amount, now);
    return { state: keep(rule, state), window };
  },
  settle: (kept, rule, window, held, actual, now) =>
    keep(rule, counter.settle(countIn<S>(kept, rule), rule, window, held, actual, now)),
  standing: (kept, rule, now) => counter.standing(countIn<S>(kept, rule), rule, now),
});

export const COUNTERS: Readonly<Record<LimitKind, Counter<unknown>>> = {
  bucket: keeping(bucket),
  sliding: keeping(sliding),
  leaky: keeping(leaky),
  calendar: keeping(calendar),
  slots: keeping(slots),
};
