/**
 * Decides: how the shield counts: @upstash/ratelimit's sliding window, over this gateway's own client.
 * Never: is loaded where no Redis is configured: only through a dynamic import.
 *
 * Weighs every request as one; only so are its window and its memory of who is blocked right.
 */
import { Ratelimit } from "@upstash/ratelimit";
import type { Redis } from "@upstash/redis/cloudflare";
import type { Result } from "../base/result.ts";
import type { Upstash, UpstashFault } from "./upstash-client.ts";

/** `until`: epoch milliseconds; a lone client that comes back right after it gets through. */
export type WindowAnswer =
  | { readonly blocked: false }
  | { readonly blocked: true; readonly until: number };

export type ShieldWindow = {
  /** Counts one request of `who`. Throws where Redis does not answer. */
  count(who: string): Promise<WindowAnswer>;
};

/** Who is blocked needs no call: some hundred bytes each, and forgotten together when they are too many. */
const MOST_BLOCKED = 10_000;

/** The three calls that the library makes, of which the last two serve features that are off. */
const redisOver = (upstash: Upstash): Pick<Redis, "evalsha" | "get" | "set"> => {
  const answered = (answer: Result<unknown, UpstashFault>): unknown => {
    if (answer.ok) return answer.value;
    // The library tells a script that Redis does not know by this word in a message.
    throw new Error(answer.error === "no_script" ? "NOSCRIPT" : answer.error);
  };
  const evaluate =
    (command: "EVAL" | "EVALSHA") =>
    async (script: string, keys: string[], values: unknown[]): Promise<unknown> =>
      answered(
        await upstash.command([command, script, keys.length, ...keys, ...values.map(String)]),
      );
  const redis = { eval: evaluate("EVAL"), evalsha: evaluate("EVALSHA") };
  return redis as unknown as Pick<Redis, "evalsha" | "get" | "set">;
};

export const createShieldWindow = (upstash: Upstash, perMinute: number): ShieldWindow => {
  const blocked = new Map<string, number>();
  const window = new Ratelimit({
    redis: redisOver(upstash),
    limiter: Ratelimit.slidingWindow(perMinute, "60 s"),
    prefix: "headgate:shield",
    ephemeralCache: blocked,
    // The client has a limit of its own, and one that ends the call.
    timeout: 0,
    analytics: false,
    enableTelemetry: false,
  });
  return {
    count: async (who) => {
      if (blocked.size > MOST_BLOCKED) blocked.clear();
      const { success, reset } = await window.limit(who);
      return success ? { blocked: false } : { blocked: true, until: reset };
    },
  };
};
