/**
 * Decides: how Redis is spoken to and what is counted there; loaded when a request first needs it.
 * Never: is loaded by a deployment without Redis, but for its answer that there is none.
 */
import type { Clock } from "../base/clock.ts";
import { err } from "../base/result.ts";
import type { Incidents } from "./incidents.ts";
import { createLocalLimits } from "./local-limits.ts";
import { createUpstash, type Upstash, type UpstashAccess } from "./upstash-client.ts";
import { createUpstashLimits, type UpstashLimits } from "./upstash-limits.ts";

export type RedisParts = {
  readonly access: UpstashAccess | undefined;
  readonly clock: Clock;
  readonly allowPrivate: boolean;
};

const NO_REDIS: Upstash = {
  command: () => Promise.resolve(err("misconfigured")),
  run: () => Promise.resolve(err("misconfigured")),
};

/** `timeoutMs`: how long an answer is waited for; each caller has a patience of its own. */
export const redisFor = ({ access, ...parts }: RedisParts, timeoutMs: number): Upstash =>
  access === undefined ? NO_REDIS : createUpstash({ ...parts, access, timeoutMs });

/** Where no Redis is configured they are as unavailable as they are while it is down. */
export const limitsIn = (redis: Upstash, incidents: Incidents): UpstashLimits =>
  createUpstashLimits({ redis, local: createLocalLimits(), incidents });
