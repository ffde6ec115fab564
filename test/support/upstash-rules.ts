/**
 * Decides: what the tests of limits in Redis count: rules, costs, and limits over any address.
 * Never: knows what is behind the address.
 */
import { randomUUID } from "node:crypto";
import type { Clock } from "../../src/base/clock.ts";
import { Secret } from "../../src/base/secret.ts";
import { type Cost, type LimitRule, NO_COST } from "../../src/domain/limit.ts";
import { createLocalLimits } from "../../src/platform/local-limits.ts";
import { createUpstash } from "../../src/platform/upstash-client.ts";
import { createUpstashLimits, type UpstashLimits } from "../../src/platform/upstash-limits.ts";
import { ruleOf } from "../policy/limits/rule.ts";

export const TENANT = "acme0001";
export const NOW = 1_800_000_000_123;

/** A rule of its own: ten requests a minute. */
export const requestsRule = (more: Partial<LimitRule> = {}): LimitRule =>
  ruleOf({
    id: `key/key/requests/sliding/minute/upstash|${randomUUID()}`,
    subject: "k1",
    kind: "sliding",
    max: 10,
    store: "upstash",
    ...more,
  });

/** A rule of its own: a thousand tokens a minute. */
export const tokensRule = (more: Partial<LimitRule> = {}): LimitRule =>
  requestsRule({ unit: "tokens", max: 1_000, ...more });

/** One request of so many tokens. */
export const costOf = (tokens: number): Cost => ({ ...NO_COST, requests: 1, tokens });

/** What one isolate would have. */
export const limitsOver = (parts: {
  readonly url: string;
  readonly token: string;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly allowPrivate?: boolean;
  readonly note: (incident: string) => void;
}): UpstashLimits =>
  createUpstashLimits({
    redis: createUpstash({
      access: { url: parts.url, token: new Secret(parts.token) },
      clock: parts.clock,
      timeoutMs: parts.timeoutMs,
      allowPrivate: parts.allowPrivate ?? true,
    }),
    local: createLocalLimits(),
    incidents: { note: (action, target) => parts.note(`${action} ${target}`) },
  });
