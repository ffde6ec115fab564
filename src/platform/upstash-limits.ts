/**
 * Decides: how the rules with `store: "upstash"` are taken and settled: all of a request at once in Redis,
 * where systems outside share their counts; and what happens while Redis does not answer (bars.md P19).
 * Never: counts a rule without its tenant in the key, or takes one rule of a request that another refuses.
 */
import type { Cost, LimitRule } from "../domain/limit.ts";
import { nameOf } from "../policy/limits/admission.ts";
import type { Incidents } from "./incidents.ts";
import type { LocalHold, LocalLimits } from "./local-limits.ts";
import {
  binding,
  type Claim,
  claimsOf,
  type Judged,
  judged,
  obstacles,
  valuesOf,
  windowOf,
} from "./upstash-claims.ts";
import type { Upstash, UpstashFault } from "./upstash-client.ts";
import { SETTLE, TAKE } from "./upstash-scripts.ts";

/** How full a rule is; epoch milliseconds for when nothing of it is used any more. */
export type UpstashStanding = {
  readonly rule: LimitRule;
  readonly used: number;
  readonly resetsAt: number;
};

/** What was taken of one rule, and where. Plain data: it may be kept and handed back later. */
export type UpstashHold =
  | {
      readonly place: "redis";
      readonly key: string;
      readonly rule: LimitRule;
      /** The number of the sub-window. */
      readonly window: number;
      readonly amount: number;
    }
  | ({ readonly place: "isolate" } & LocalHold);

/** What a hold came to, in the unit of its rule. */
export type UpstashEnd = { readonly hold: UpstashHold; readonly actual: number };

export type UpstashTake =
  | {
      readonly ok: true;
      readonly holds: readonly UpstashHold[];
      /** With what was taken; empty where Redis did not answer. */
      readonly standings: readonly UpstashStanding[];
      /** Rules that only watch and would have refused. */
      readonly shadow: readonly LimitRule[];
    }
  | ({
      readonly ok: false;
      readonly reason: "limited";
      /** Milliseconds; undefined: the amount is above the maximum and can never pass. */
      readonly retryAfterMs: number | undefined;
      /** Whether rules of single models are in the way, whichever of all is told: another target may be free. */
      readonly ofModels: boolean;
    } & UpstashStanding)
  | {
      readonly ok: false;
      /** Nobody knows: 503 limiter_unavailable. */
      readonly reason: "unavailable";
      readonly rule: LimitRule;
      readonly retryAfterMs: number;
    };

export type UpstashLimits = {
  /** Takes `cost` of all `rules` (those that `isUpstashRule` accepts) or of none. */
  take(tenant: string, rules: readonly LimitRule[], cost: Cost, now: number): Promise<UpstashTake>;
  /**
   * Puts what each hold came to in its place; nothing gives it back. Once for each hold: settling again would
   * count again. False where Redis did not hear of it: the hold then stays until it slides out.
   */
  settle(ends: readonly UpstashEnd[], now: number): Promise<boolean>;
};

export type UpstashLimitsParts = {
  readonly redis: Upstash;
  readonly local: LocalLimits;
  readonly incidents: Incidents;
};

/** Milliseconds. Until Redis is asked again, and no sooner than a client would come back. */
const RETRY_MS = 2_000;

const NOTHING: UpstashTake = { ok: true, holds: [], standings: [], shadow: [] };

/** As the audit names it: without the subject, which may be a person. */
const placeOf = ({ tenant, rule }: Claim): string => `limit/${tenant}/${nameOf(rule)}`;

const taken = (all: readonly Judged[], now: number): UpstashTake => ({
  ok: true,
  holds: all.map(({ claim }) => {
    const { key, rule, amount } = claim;
    return { place: "redis", key, rule, window: windowOf(claim, now), amount };
  }),
  standings: all.map(({ claim: { rule, amount, periodMs }, used, resetsAt }) => ({
    rule,
    used: used + amount,
    resetsAt: Math.max(resetsAt, now + periodMs),
  })),
  shadow: all.filter(({ wait }) => wait !== 0).map(({ claim }) => claim.rule),
});

const isOfModels = (rule: LimitRule): boolean => rule.models !== undefined;

const refused = (
  { claim: { rule }, used, resetsAt, wait }: Judged,
  all: readonly Judged[],
): UpstashTake => {
  const retryAfterMs = wait < 0 ? undefined : wait;
  const ofModels = obstacles(all).some(({ claim }) => isOfModels(claim.rule));
  return { ok: false, reason: "limited", rule, used, resetsAt, retryAfterMs, ofModels };
};

const unavailable = (rule: LimitRule): UpstashTake => ({
  ok: false,
  reason: "unavailable",
  rule,
  retryAfterMs: RETRY_MS,
});

export const createUpstashLimits = (parts: UpstashLimitsParts): UpstashLimits => {
  const { redis, local, incidents } = parts;

  /** Rules that only watch close nothing. */
  const withoutRedis = (
    claims: readonly Claim[],
    fault: UpstashFault,
    now: number,
  ): UpstashTake => {
    const refusing = claims.filter(({ rule }) => rule.mode === "on");
    const [first] = refusing;
    if (first === undefined) return NOTHING;
    const closed = refusing.find(({ rule }) => rule.storeDown === "closed");
    if (closed !== undefined) {
      incidents.note("limits.closed", `${placeOf(closed)}: ${fault}`);
      return unavailable(closed.rule);
    }
    incidents.note("limits.open_local", `${placeOf(first)}: ${fault}`);
    const answer = local.take(refusing, now);
    if (answer.ok) {
      const holds = answer.holds.map((hold) => ({ place: "isolate" as const, ...hold }));
      return { ok: true, holds, standings: [], shadow: [] };
    }
    const { rule } = answer.claim;
    if (answer.check.verdict !== "wait") return unavailable(rule);
    const { retryAfterMs } = answer.check;
    const resetsAt = now + retryAfterMs;
    const ofModels = isOfModels(rule);
    return { ok: false, reason: "limited", rule, used: rule.max, resetsAt, retryAfterMs, ofModels };
  };

  return {
    take: async (tenant, rules, cost, now) => {
      const claims = claimsOf(tenant, rules, cost);
      if (claims.length === 0) return NOTHING;
      const keys = claims.map(({ key }) => key);
      const answer = await redis.run(TAKE, keys, valuesOf(claims, now));
      if (!answer.ok) return withoutRedis(claims, answer.error, now);
      const all = judged(claims, answer.value);
      if (all === undefined) return withoutRedis(claims, "refused", now);
      const worst = binding(all);
      return worst === undefined ? taken(all, now) : refused(worst, all);
    },

    settle: async (ends, now) => {
      const keys: string[] = [];
      const values: (string | number)[] = [];
      for (const { hold, actual } of ends) {
        if (hold.place === "isolate") local.settle(hold, actual, now);
        else if (actual !== hold.amount) {
          keys.push(hold.key);
          values.push(hold.window, actual - hold.amount);
        }
      }
      if (keys.length === 0) return true;
      return (await redis.run(SETTLE, keys, values)).ok;
    },
  };
};
