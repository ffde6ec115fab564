/**
 * Decides: what this gateway does with Redis, from the Worker's variables: an edge shield, and limits that are
 * shared with systems outside. Built once for each isolate; nothing is asked until a request comes.
 * Never: is more than an undefined shield where no Redis is configured.
 */
import type { Clock } from "../base/clock.ts";
import { Secret } from "../base/secret.ts";
import { createKeyCrypto } from "./crypto.ts";
import { textOf, variablesOf } from "./env.ts";
import type { Incidents } from "./incidents.ts";
import type { Roots } from "./roots.ts";
import { createShield, type Shield } from "./shield.ts";
import type { Upstash, UpstashAccess } from "./upstash-client.ts";
import type { UpstashLimits } from "./upstash-limits.ts";

export type UpstashParts = {
  readonly clock: Clock;
  readonly roots: Roots;
  readonly incidents: Incidents;
};

export type UpstashServices = {
  /** Undefined where no Redis is configured, or where it is switched off. */
  readonly shield: Shield | undefined;
  /** Where no Redis is configured they are as unavailable as they are while it is down. */
  readonly limits: UpstashLimits;
};

/** Milliseconds. The shield stands in front of everything and gives way soon. */
const SHIELD_TIMEOUT_MS = 300;
/** Milliseconds. Whoever is not answered is refused: long enough for a Redis on another continent. */
const LIMITS_TIMEOUT_MS = 1_000;

const accessOf = (env: object): UpstashAccess | undefined => {
  const url = textOf(env, "UPSTASH_REDIS_REST_URL")?.trim();
  const token = textOf(env, "UPSTASH_REDIS_REST_TOKEN")?.trim();
  return url === undefined || token === undefined ? undefined : { url, token: new Secret(token) };
};

/** What a module makes, made when somebody first asks. A module that is there is not loaded again. */
const whenAsked = <T>(make: (services: typeof import("./upstash-services.ts")) => T) => {
  let made: T | undefined;
  return async (): Promise<T> => {
    const services = await import("./upstash-services.ts");
    made ??= make(services);
    return made;
  };
};

export const createUpstashServices = (env: object, parts: UpstashParts): UpstashServices => {
  const { clock, roots, incidents } = parts;
  const { allowPrivateUpstreams: allowPrivate, edgeLimitPerMinute: perMinute } = variablesOf(env);
  const access = accessOf(env);
  const redis = { access, clock, allowPrivate };
  // Each has its own patience, so that one's timeouts do not silence the other.
  const shields = whenAsked(({ redisFor }) => redisFor(redis, SHIELD_TIMEOUT_MS));
  const limits = whenAsked(({ limitsIn, redisFor }) =>
    limitsIn(redisFor(redis, LIMITS_TIMEOUT_MS), incidents),
  );
  const shieldRedis: Upstash = {
    command: async (words) => (await shields()).command(words),
    run: async (script, keys, values) => (await shields()).run(script, keys, values),
  };
  const isShielded = access !== undefined && perMinute > 0;
  const { genuine } = createKeyCrypto(roots);
  return {
    shield: isShielded
      ? createShield({ redis: shieldRedis, perMinute, genuine, clock, incidents })
      : undefined,
    limits: {
      take: async (...asked) => (await limits()).take(...asked),
      settle: async (...asked) => (await limits()).settle(...asked),
    },
  };
};
