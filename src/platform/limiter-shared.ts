/**
 * Decides: how limits that systems outside Cloudflare share take part in an admission: taken before the object
 * is asked, given back where it refuses, settled with everything else.
 * Never: counts; upstash-limits.ts does.
 */
import type { Clock } from "../base/clock.ts";
import type { Cost } from "../domain/limit.ts";
import type { Caller } from "../domain/tenant.ts";
import {
  type Admission,
  type Admitted,
  type Denied,
  type Nearness,
  nameOf,
} from "../policy/limits/admission.ts";
import { ownRules, sharedRules } from "../policy/limits/evaluate.ts";
import { GRACE_MS } from "../policy/limits/times.ts";
import type { Admittance } from "../ports-account.ts";
import { createInFlight } from "./limiter-in-flight.ts";
import type { UpstashLimits, UpstashTake } from "./upstash-limits.ts";
import { isUpstashRule } from "./upstash-rule.ts";

type Taken = Extract<UpstashTake, { readonly ok: true }>;
type Limited = Extract<UpstashTake, { readonly ok: false; readonly reason: "limited" }>;

export type SharedLimits = {
  /** Undefined: nothing is in the way. */
  take(caller: Caller, admission: Admission): Promise<Admittance | undefined>;
  /** Puts what the request came to in the place of what was taken for it. */
  settle(id: string, actual: Cost): void;
  /** The object's answer with what is known of these limits. */
  joined(id: string, answer: Admitted): Admitted;
};

const RATE = { requests: "rate_limit_requests", tokens: "rate_limit_tokens" } as const;

const deniedBy = ({ rule, used, resetsAt, retryAfterMs }: Limited): Denied => {
  const unit = rule.unit === "tokens" ? "tokens" : "requests";
  const isTooLarge = retryAfterMs === undefined;
  return {
    ok: false,
    code: isTooLarge ? "request_exceeds_limit" : RATE[unit],
    status: isTooLarge ? 400 : 429,
    retryAfterMs,
    level: rule.level,
    unit,
    per: rule.per,
    limit: rule.max,
    used,
    remaining: Math.max(0, rule.max - used),
    resetsAt,
  };
};

/** Nearer limits are told; those that only watch are recorded. */
const withShared = (answer: Admitted, taken: Taken | undefined, now: number): Admitted => {
  if (taken === undefined) return answer;
  const nearer = (unit: "requests" | "tokens"): Nearness | undefined => {
    const all = taken.standings.flatMap(({ rule, used, resetsAt }) =>
      rule.unit !== unit || rule.mode !== "on"
        ? []
        : [{ limit: rule.max, remaining: rule.max - used, resetMs: resetsAt - now }],
    );
    const own = answer[unit];
    return [...(own === undefined ? [] : [own]), ...all].reduce<Nearness | undefined>(
      (least, each) =>
        least !== undefined && least.remaining / least.limit <= each.remaining / each.limit
          ? least
          : each,
      undefined,
    );
  };
  const shadow = taken.shadow.map((rule) => ({
    section: "limits",
    decision: `deny:${nameOf(rule)}`,
  }));
  return {
    ...answer,
    requests: nearer("requests"),
    tokens: nearer("tokens"),
    shadow: [...answer.shadow, ...shadow],
  };
};

export const createSharedLimits = (parts: {
  readonly limits: UpstashLimits;
  readonly clock: Clock;
  readonly background: (work: Promise<unknown>) => void;
}): SharedLimits => {
  const { limits, clock, background } = parts;
  const taken = createInFlight<Taken & { readonly deadline: number }>(
    ({ deadline }) => deadline + GRACE_MS,
  );
  return {
    async take({ tenant }, { id, rules, ways: [{ options }], deadline }) {
      const [first] = options;
      const all = [...sharedRules(rules), ...ownRules(rules, first.model)].filter(isUpstashRule);
      const now = clock.now();
      const answer = await limits.take(tenant, all, first.cost, now);
      if (answer.ok) {
        if (answer.holds.length > 0) taken.set(id, { ...answer, deadline }, now);
        return undefined;
      }
      if (answer.reason === "limited") return deniedBy(answer);
      return { ok: false, code: "unavailable", retryAfterMs: answer.retryAfterMs };
    },
    settle(id, actual) {
      const held = taken.get(id);
      if (held === undefined) return;
      taken.delete(id);
      background(limits.settle(held.holds, actual, clock.now()));
    },
    joined: (id, answer) => withShared(answer, taken.get(id), clock.now()),
  };
};
