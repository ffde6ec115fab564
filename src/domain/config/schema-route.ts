/**
 * Decides: what routes, canaries and the resilience section look like in a configuration.
 * Never: chooses anything; that is src/policy/routing and src/policy/resilience.
 */
import * as z from "zod";
import { BREAKER, HEDGE_ENABLED, RECOVERY } from "./defaults.ts";
import { Name, NameList } from "./names.ts";
import { CapabilityName, MaxRetries, Timeouts } from "./schema-provider.ts";

const share = z.lazy(() => z.number().gt(0).max(1));

const STRATEGIES = [
  "priority",
  "round-robin",
  "weighted",
  "lowest-latency",
  "lowest-cost",
  "least-busy",
] as const;

const Member = z.lazy(() =>
  z.union([
    Name,
    z.literal("*"),
    z.strictObject({ model: Name, weight: z.number().gt(0).max(1_000_000) }),
  ]),
);

export const Route = z.lazy(() =>
  z.discriminatedUnion("strategy", [
    z.strictObject({
      strategy: z.enum(STRATEGIES),
      models: z.array(Member).min(1).max(100),
      require: z.exactOptional(z.array(CapabilityName)),
    }),
    z.strictObject({
      strategy: z.literal("complexity"),
      tiers: z.strictObject({ simple: NameList, moderate: NameList, complex: NameList }),
      thresholds: z.exactOptional(z.strictObject({ moderate: z.number(), complex: z.number() })),
      signals: z.exactOptional(
        z.record(z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, "not a signal's name"), z.number()),
      ),
    }),
  ]),
);

export const Canary = z.lazy(() =>
  z.strictObject({
    id: Name,
    baseline: Name,
    candidate: Name,
    percent: z.number().min(0).max(100),
    sticky: z.exactOptional(z.enum(["user", "session", "key", "none"])),
  }),
);

const wait = (standard: number) =>
  z.exactOptional(z.int().min(1).max(86_400_000).meta({ default: standard, description: "ms" }));

const Breaker = z.lazy(() =>
  z.strictObject({
    enabled: z.exactOptional(z.boolean()),
    volume: z.exactOptional(z.int().min(1).max(100_000).meta({ default: BREAKER.volume })),
    failure_rate: z.exactOptional(share.meta({ default: BREAKER.failure_rate })),
    slow_rate: z.exactOptional(share.meta({ default: BREAKER.slow_rate })),
    consecutive: z.exactOptional(z.int().min(1).max(1_000).meta({ default: BREAKER.consecutive })),
    open_ms: wait(BREAKER.open_ms),
    max_open_ms: wait(BREAKER.max_open_ms),
  }),
);

const Hedge = z.lazy(() =>
  z.strictObject({
    enabled: z.exactOptional(z.boolean().meta({ default: HEDGE_ENABLED })),
    after: z.exactOptional(
      z.union([z.literal("p95"), z.int().min(1).max(600_000)]).meta({ description: "p95, or ms" }),
    ),
  }),
);

export const Resilience = z.lazy(() =>
  z.strictObject({
    timeouts: z.exactOptional(Timeouts),
    max_retries: z.exactOptional(MaxRetries),
    breaker: z.exactOptional(Breaker),
    hedge: z.exactOptional(Hedge),
    recovery: z.exactOptional(z.enum(["continue", "hold", "error"]).meta({ default: RECOVERY })),
    fallback_on: z.exactOptional(z.array(z.enum(["content_filter", "invalid_request"]))),
  }),
);
