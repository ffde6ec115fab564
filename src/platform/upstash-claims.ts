/**
 * Decides: what is asked of Redis for a request's rules, and what its answer means for them.
 * Never: sends anything. A key never lacks its tenant.
 */
import { amountFor, type Cost, type LimitRule } from "../domain/limit.ts";
import { lengthOf } from "../policy/limits/period.ts";
import { isUpstashRule } from "./upstash-rule.ts";
import { SUB_WINDOWS } from "./upstash-scripts.ts";

/** What a request takes of one rule. */
export type Claim = {
  readonly tenant: string;
  readonly key: string;
  readonly rule: LimitRule;
  readonly amount: number;
  readonly periodMs: number;
};

/** The claims of `cost` on `rules`; rules of which it takes nothing are left out. */
export const claimsOf = (
  tenant: string,
  rules: readonly LimitRule[],
  cost: Cost,
): readonly Claim[] =>
  rules.flatMap((rule) => {
    if (!isUpstashRule(rule)) throw new Error(`not a rule for Redis: ${rule.id}`);
    const amount = amountFor(rule, cost);
    const key = `headgate:{${tenant}}:limit:${rule.id}`;
    return amount === 0 ? [] : [{ tenant, key, rule, amount, periodMs: lengthOf(rule) }];
  });

/** The number of the sub-window that TAKE writes to. */
export const windowOf = ({ periodMs }: Claim, now: number): number =>
  Math.floor((now * SUB_WINDOWS) / periodMs);

/** TAKE's values. */
export const valuesOf = (claims: readonly Claim[], now: number): readonly number[] => [
  now,
  ...claims.flatMap(({ rule, amount, periodMs }) => [
    ...[periodMs, rule.max, amount],
    rule.mode === "on" ? 1 : 0,
  ]),
];

/** A claim and how its rule stood before it: `wait` as TAKE says it, `resetsAt` in epoch ms. */
export type Judged = {
  readonly claim: Claim;
  readonly used: number;
  readonly resetsAt: number;
  readonly wait: number;
};

const FIELDS = 3;

/** TAKE's answer; undefined where it is none. */
export const judged = (
  claims: readonly Claim[],
  answer: unknown,
): readonly Judged[] | undefined => {
  if (!Array.isArray(answer) || answer.length !== 1 + FIELDS * claims.length) return undefined;
  const numbers = answer.map(Number);
  if (!numbers.every(Number.isSafeInteger)) return undefined;
  return claims.map((claim, at) => {
    const [used = 0, resetsAt = 0, wait = 0] = numbers.slice(1 + at * FIELDS);
    return { claim, used, resetsAt, wait };
  });
};

/** Those that are in the way. */
export const obstacles = (all: readonly Judged[]): readonly Judged[] =>
  all.filter(({ claim, wait }) => claim.rule.mode === "on" && wait !== 0);

/** The one that decides what the caller is told: what can never pass first, then the longest wait. */
export const binding = (all: readonly Judged[]): Judged | undefined => {
  const weight = ({ wait }: Judged): number => (wait < 0 ? Number.POSITIVE_INFINITY : wait);
  return obstacles(all).reduce<Judged | undefined>(
    (most, each) => (most === undefined || weight(each) > weight(most) ? each : most),
    undefined,
  );
};
