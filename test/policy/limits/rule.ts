/**
 * Decides: what a rule is in tests of limits, where a test does not say otherwise.
 * Never: is a configuration; nothing here has been compiled.
 */
import type { LimitRule } from "../../../src/domain/limit.ts";

/** 1970 would hide what is wrong with large numbers. 2026-11-21T12:00:00Z. */
export const NOON = 1_795_262_400_000;

/** 100 requests a minute, as a bucket. `burst` is `max` unless it is said. */
export const ruleOf = (said: Partial<LimitRule>): LimitRule => ({
  id: "rule",
  level: "key",
  subject: "key1",
  unit: "requests",
  kind: "bucket",
  per: "minute",
  max: 100,
  burst: said.max ?? 100,
  maxWaitMs: 0,
  timezone: "UTC",
  mode: "on",
  soft: 0.8,
  strict: true,
  budgetStatus: 402,
  storeDown: "closed",
  store: "object",
  models: undefined,
  ...said,
});

export const LENGTH_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
