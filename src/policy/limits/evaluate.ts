/**
 * Decides: whether a cost fits every rule that it falls under, and which rule stands in the way most.
 * Never: writes; a question leaves the account as it was.
 */
import { amountFor, type Cost, type LimitRule } from "../../domain/limit.ts";
import { matchesAny } from "../model-access.ts";
import type { Denied } from "./admission.ts";
import type { Book } from "./book.ts";
import type { Check } from "./counter.ts";
import { COUNTERS } from "./counters.ts";
import { LONGEST_WAIT_MS, SOON_MS } from "./times.ts";

export type Obstacle = {
  readonly rule: LimitRule;
  readonly check: Exclude<Check, { verdict: "go" }>;
};

export type Verdict = {
  /** Milliseconds until the request's turn, where nothing is in the way. */
  readonly waitMs: number;
  readonly obstacles: readonly Obstacle[];
  /** Those that only would be in the way. */
  readonly shadow: readonly Obstacle[];
};

/** The rules that hold for one target alone. */
export const ownRules = (rules: readonly LimitRule[], model: string): readonly LimitRule[] =>
  rules.filter(({ models }) => models !== undefined && matchesAny(models, model));

export const sharedRules = (rules: readonly LimitRule[]): readonly LimitRule[] =>
  rules.every(({ models }) => models === undefined)
    ? rules
    : rules.filter(({ models }) => models === undefined);

/** Those that hold for a request to that target: the very list, where none of them is of single models. */
export const rulesAt = (rules: readonly LimitRule[], model: string): readonly LimitRule[] => {
  const shared = sharedRules(rules);
  return shared === rules ? rules : [...shared, ...ownRules(rules, model)];
};

/** Money that is only held comes back when requests end, however long the window of their budget is. */
const told = ({ unit }: LimitRule, check: Obstacle["check"]): Obstacle["check"] =>
  unit === "usd" && check.verdict === "wait" && check.held
    ? { ...check, retryAfterMs: Math.min(check.retryAfterMs, SOON_MS) }
    : check;

export const evaluate = (
  book: Book,
  rules: readonly LimitRule[],
  cost: Cost,
  now: number,
): Verdict => {
  let waitMs = 0;
  const obstacles: Obstacle[] = [];
  const shadow: Obstacle[] = [];
  for (const rule of rules) {
    const amount = amountFor(rule, cost);
    if (amount === 0) continue;
    const check = COUNTERS[rule.kind].check(book.rule(rule.id)?.state, rule, amount, now);
    if (check.verdict !== "go") {
      (rule.mode === "shadow" ? shadow : obstacles).push({ rule, check: told(rule, check) });
    } else if (rule.mode === "on") waitMs = Math.max(waitMs, check.waitMs);
  }
  return { waitMs, obstacles, shadow };
};

const RATE_CODES = {
  requests: "rate_limit_requests",
  tokens: "rate_limit_tokens",
  concurrent: "rate_limit_concurrency",
} as const;

const codeOf = ({ rule, check }: Obstacle): Denied["code"] => {
  if (rule.unit !== "usd") {
    return check.verdict === "never" ? "request_exceeds_limit" : RATE_CODES[rule.unit];
  }
  // What is left of a budget does not pay for this request, also where the whole of it would not.
  return check.verdict === "wait" && check.held ? "budget_held" : "budget_exceeded";
};

/** A request that can never pass is told so first; a spent budget beats a rate; else the longest wait. */
const weight = (obstacle: Obstacle): number => {
  if (obstacle.check.verdict === "never") return Number.POSITIVE_INFINITY;
  const hard = codeOf(obstacle) === "budget_exceeded" ? Number.MAX_SAFE_INTEGER / 2 : 0;
  return hard + obstacle.check.retryAfterMs;
};

export type Obstacles = readonly [Obstacle, ...Obstacle[]];

/** Of several ways, each with what is in its way, the one that is free first: waiting for it is enough. */
export const easiest = (ways: readonly [Obstacles, ...Obstacles[]]): Obstacles => {
  const worst = (obstacles: Obstacles): number => Math.max(...obstacles.map(weight));
  return ways.reduce((best, each) => (worst(each) < worst(best) ? each : best));
};

const statusOf = (code: Denied["code"], { budgetStatus }: LimitRule): Denied["status"] => {
  if (code === "request_exceeds_limit") return 400;
  return code === "budget_exceeded" ? budgetStatus : 429;
};

/** Milliseconds until nothing is in the way: the longest of all, whichever of them is told. */
const untilFree = (obstacles: Obstacles): number | undefined =>
  obstacles.reduce<number | undefined>(
    (longest, { check }) =>
      longest === undefined || check.verdict === "never"
        ? undefined
        : Math.max(longest, check.retryAfterMs),
    0,
  );

/** The obstacle that decides what the caller is told. */
export const binding = (book: Book, obstacles: Obstacles, now: number): Denied => {
  const worst = obstacles.reduce((most, each) => (weight(each) > weight(most) ? each : most));
  const { rule } = worst;
  const standing = COUNTERS[rule.kind].standing(book.rule(rule.id)?.state, rule, now);
  const code = codeOf(worst);
  const status = statusOf(code, rule);
  return {
    ok: false,
    code,
    status,
    // A 429 always says when to come back; a budget that is too small may be larger in its next window.
    retryAfterMs:
      untilFree(obstacles) ??
      (status === 429 ? Math.min(standing.resetsAt - now, LONGEST_WAIT_MS) : undefined),
    level: rule.level,
    unit: rule.unit,
    per: rule.per,
    limit: rule.max,
    used: rule.unit === "usd" ? standing.used : standing.used + standing.held,
    remaining: standing.remaining,
    resetsAt: standing.resetsAt,
  };
};
