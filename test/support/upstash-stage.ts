/**
 * Decides: what a test of Redis stands on: a real redis-server, Upstash's REST before it, and two isolates that
 * know nothing of each other.
 * Never: lets a failure of Redis pass as a decision.
 */
import { amountFor, type Cost } from "../../src/domain/limit.ts";
import { createClock } from "../../src/platform/clock.ts";
import type {
  UpstashEnd,
  UpstashHold,
  UpstashLimits,
  UpstashTake,
} from "../../src/platform/upstash-limits.ts";
import { startRedis } from "./redis.ts";
import { limitsOver } from "./upstash-rules.ts";
import { startUpstashShim, type UpstashShim } from "./upstash-shim.ts";

export type UpstashStage = {
  readonly shim: UpstashShim;
  readonly here: UpstashLimits;
  readonly there: UpstashLimits;
  dispose(): Promise<void>;
};

export const startUpstashStage = async (): Promise<UpstashStage> => {
  const redis = await startRedis();
  const shim = await startUpstashShim(redis.socket);
  const isolate = (): UpstashLimits =>
    limitsOver({
      ...{ url: shim.url, token: shim.token, clock: createClock(), timeoutMs: 10_000 },
      note: (incident) => {
        throw new Error(`Redis did not answer: ${incident}`);
      },
    });
  return {
    shim,
    here: isolate(),
    there: isolate(),
    dispose: async () => {
      await shim.dispose();
      await redis.dispose();
    },
  };
};

/** What an admitted request holds; throws for a refused one. */
export const holdsOf = (take: UpstashTake): readonly UpstashHold[] => {
  if (!take.ok) throw new Error(`refused: ${take.reason}`);
  return take.holds;
};

/** What each hold came to where the request came to `actual`. */
export const endsOf = (holds: readonly UpstashHold[], actual: Cost): readonly UpstashEnd[] =>
  holds.map((hold) => ({ hold, actual: amountFor(hold.rule, actual) }));
