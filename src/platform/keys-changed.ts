/**
 * Decides: whether keys have been quiet, so that an isolate may go on with what it knows of them.
 * Never: says that a key is good. It is a hint; a key's own record is withdrawn in any case.
 */
import type { Clock } from "../base/clock.ts";
import { EDGE_TTL } from "./edge-ttl.ts";

/** Holds the time of the last change to any key, in milliseconds since the epoch. */
const NAME = "keys-changed/1";
/** Milliseconds. Until then nobody looks. */
const FRESH = 5_000;
/** Milliseconds. Until then a look counts: with it a change is noticed within ten seconds. */
const USABLE = 8_000;
/**
 * Milliseconds after a change for which nothing read counts as quiet: KV takes up to a minute to tell
 * every location, which then keeps its copy for thirty seconds more.
 */
const UNREST = 120_000;

export type Changes = {
  /** Whether no key has changed since `since` and in the two minutes before. Never waits. */
  quietSince(since: number): boolean;
};

export function createChanges(
  kv: KVNamespace,
  clock: Clock,
  background: (work: Promise<unknown>) => void,
): Changes {
  let seen: { readonly changed: number; readonly at: number } | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;

  const look = async (at: number): Promise<void> => {
    const changed = Number(await kv.get(NAME, { type: "text", cacheTtl: EDGE_TTL }));
    if (seen === undefined || seen.at < at) seen = { changed, at };
  };

  return {
    quietSince(since) {
      const now = clock.now();
      if (now - lookedAt >= FRESH) {
        lookedAt = now;
        background(look(now).catch(() => undefined));
      }
      return seen !== undefined && now - seen.at < USABLE && seen.changed + UNREST < since;
    },
  };
}

/**
 * Says that a key changes at `now`. KV takes one write a second for a name: where another change has
 * just been told, that does for this one too, for nobody counts on quiet until long after both.
 */
export async function tellChange(kv: KVNamespace, now: number): Promise<void> {
  try {
    await kv.put(NAME, String(now));
  } catch (fault) {
    const told = Number(await kv.get(NAME, { type: "text", cacheTtl: EDGE_TTL }));
    if (now - told > UNREST / 2) throw fault;
  }
}
