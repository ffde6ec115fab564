/**
 * Decides: how much of a provider's quota may be used now, and by whom: blocks, taken off before they are used.
 * Never: lets more be used in any stretch of the window's length than the provider allows.
 */
import { own } from "../../base/record.ts";
import type { QuotaRule } from "../../domain/target.ts";
import { LENGTH_MS } from "../limits/period.ts";
import { type Cut, fallsTo, type Taken, takenWithin, withTaken } from "./quota-window.ts";

const SLOTS = 60;
/** Shares are kept for each organisation, so more coarsely. */
const SHARE_SLOTS = 12;
/** A block is at most this part of what is left, so that no isolate sits on much. */
const BLOCK = 0.05;
/** Below this part left there are no blocks: each call is admitted by itself, exactly. */
const BLOCKS_WHILE = 0.2;
/** Milliseconds after which what is left of a block is given back or forfeited. */
export const BLOCK_LIFE_MS = 2_000;

export type Amount = { readonly requests: number; readonly tokens: number };

/** What was taken of one rule. */
export type Used = {
  readonly all: Taken;
  /** By organisation, where the rule has a share. */
  readonly orgs: Readonly<Record<string, Taken>>;
};
/** By `unit/per`. */
export type QuotaState = Readonly<Record<string, Used>>;

export type QuotaEvent =
  /** `need` is for one call and given whole or not at all; `more` is what a block may hold beyond it. */
  | {
      readonly type: "take";
      readonly org: string;
      readonly need: Amount;
      readonly more: Amount;
    }
  /** What a call at `when` used beyond what was taken for it; negative where it used less. */
  | {
      readonly type: "correct";
      readonly org: string;
      readonly when: number;
      readonly by: Amount;
    };

export type Grant =
  /** `at`: milliseconds since the epoch, for which it was taken; corrections name it. */
  | { readonly granted: true; readonly amount: Amount; readonly at: number }
  /**
   * `until`: milliseconds since the epoch; null where the call is larger than the quota. `toAll`: the quota
   * itself is used up, and not only the organisation's share.
   */
  | { readonly granted: false; readonly until: number | null; readonly toAll: boolean };

export type QuotaStep = { readonly state: QuotaState; readonly output: Grant | undefined };

export type QuotaLeft = {
  readonly unit: QuotaRule["unit"];
  readonly per: QuotaRule["per"];
  readonly max: number;
  readonly used: number;
  readonly remaining: number;
};

export const newQuota: QuotaState = {};
const NOTHING_USED: Used = { all: [], orgs: {} };

const keyOf = ({ unit, per }: QuotaRule): string => `${unit}/${per}`;
const cutOf = ({ per }: QuotaRule, slots: number): Cut => ({
  windowMs: LENGTH_MS[per],
  slotMs: LENGTH_MS[per] / slots,
  delayMs: BLOCK_LIFE_MS,
});
const usedOf = (state: QuotaState, rule: QuotaRule): Used => state[keyOf(rule)] ?? NOTHING_USED;
const takenBy = ({ orgs }: Used, org: string): Taken => own(orgs, org) ?? [];
const shareOf = ({ share, max }: QuotaRule): number => Math.floor((share ?? 1) * max);

const leftOf = (state: QuotaState, rule: QuotaRule, now: number): number =>
  rule.max - takenWithin(usedOf(state, rule).all, cutOf(rule, SLOTS), now);

/** What is left of a rule for one organisation. */
const leftFor = (state: QuotaState, rule: QuotaRule, org: string, now: number): number => {
  const left = leftOf(state, rule, now);
  if (rule.share === undefined) return left;
  const own = takenWithin(takenBy(usedOf(state, rule), org), cutOf(rule, SHARE_SLOTS), now);
  return Math.min(left, shareOf(rule) - own);
};

/** When `need` fits again, if nobody takes any more. */
const fitsAt = (state: QuotaState, rule: QuotaRule, org: string, need: number, now: number) => {
  if (need > shareOf(rule)) return null;
  const used = usedOf(state, rule);
  const all = fallsTo(used.all, cutOf(rule, SLOTS), now, rule.max - need);
  if (rule.share === undefined) return all;
  const own = cutOf(rule, SHARE_SLOTS);
  return Math.max(all, fallsTo(takenBy(used, org), own, now, shareOf(rule) - need));
};

const withUse = (
  state: QuotaState,
  rule: QuotaRule,
  org: string,
  now: number,
  when: number,
  amount: number,
): QuotaState => {
  const used = usedOf(state, rule);
  const all = withTaken(used.all, cutOf(rule, SLOTS), now, when, amount);
  if (rule.share === undefined) return { ...state, [keyOf(rule)]: { all, orgs: {} } };
  const cut = cutOf(rule, SHARE_SLOTS);
  const own = withTaken(takenBy(used, org), cut, now, when, amount);
  const others = Object.entries(used.orgs).filter(
    ([name, taken]) => name !== org && takenWithin(taken, cut, now) > 0,
  );
  const orgs = Object.fromEntries(own.length === 0 ? others : [...others, [org, own]]);
  return { ...state, [keyOf(rule)]: { all, orgs } };
};

const add = (a: Amount, b: Amount): Amount => ({
  requests: a.requests + b.requests,
  tokens: a.tokens + b.tokens,
});

export const quotaStep = (
  state: QuotaState,
  event: QuotaEvent,
  now: number,
  rules: readonly QuotaRule[],
): QuotaStep => {
  const taken = (amount: Amount, org: string, when: number): QuotaState =>
    rules.reduce((sum, rule) => withUse(sum, rule, org, now, when, amount[rule.unit]), state);

  if (event.type === "correct") {
    return { state: taken(event.by, event.org, event.when), output: undefined };
  }
  const { org, need } = event;
  const short = rules.filter((rule) => leftFor(state, rule, org, now) < need[rule.unit]);
  if (short.length > 0) {
    const times = short.map((rule) => fitsAt(state, rule, org, need[rule.unit], now));
    const until = times.includes(null) ? null : Math.max(...times.map((time) => time ?? 0));
    const toAll = short.some((rule) => leftOf(state, rule, now) < need[rule.unit]);
    return { state, output: { granted: false, until, toAll } };
  }
  const amount = add(need, blockBeyond(state, event, now, rules));
  return { state: taken(amount, org, now), output: { granted: true, amount, at: now } };
};

/** What a block may hold beyond the call that asks for it: nothing as soon as one rule runs low. */
const blockBeyond = (
  state: QuotaState,
  { org, need, more }: Extract<QuotaEvent, { type: "take" }>,
  now: number,
  rules: readonly QuotaRule[],
): Amount => {
  const block = { requests: more.requests, tokens: more.tokens };
  for (const rule of rules) {
    const left = leftFor(state, rule, org, now) - need[rule.unit];
    if (left < BLOCKS_WHILE * shareOf(rule)) return { requests: 0, tokens: 0 };
    block[rule.unit] = Math.min(block[rule.unit], Math.floor(BLOCK * left));
  }
  return block;
};

/** Milliseconds since the epoch at which something is left of each rule, if nobody takes any more; undefined: now. */
export const quotaFreeAt = (
  state: QuotaState,
  now: number,
  rules: readonly QuotaRule[],
): number | undefined => {
  const times = rules
    .filter((rule) => leftOf(state, rule, now) < 1)
    .map((rule) => fallsTo(usedOf(state, rule).all, cutOf(rule, SLOTS), now, rule.max - 1));
  return times.length === 0 ? undefined : Math.max(...times);
};

/** For operators and for routing: what is used of each rule, by everybody. */
export const quotaLeft = (
  state: QuotaState,
  now: number,
  rules: readonly QuotaRule[],
): readonly QuotaLeft[] =>
  rules.map((rule) => {
    const { unit, per, max } = rule;
    const left = leftOf(state, rule, now);
    return { unit, per, max, used: max - left, remaining: Math.max(0, left) };
  });
