/**
 * Decides: which answers an isolate has at hand, so that a hit costs no look into KV.
 * Never: grows beyond a few megabytes, or goes on for long with what another isolate may have renewed.
 */
import type { Clock } from "../base/clock.ts";
import { EDGE_TTL } from "./edge-ttl.ts";

/** Milliseconds: as long as a location may keep what it has read from KV. */
const KEPT_MS = EDGE_TTL * 1_000;
/** Characters, two bytes each at most: 8 MB of an isolate's 128. */
const MOST_CHARACTERS = 4_000_000;

type Kept = { readonly text: string; readonly at: number };

export type RecentAnswers = {
  get(key: string): string | undefined;
  put(key: string, text: string): void;
};

export const createRecentAnswers = (clock: Clock): RecentAnswers => {
  /** Used least lately first. */
  const kept = new Map<string, Kept>();
  let size = 0;

  const drop = (key: string): Kept | undefined => {
    const found = kept.get(key);
    if (found === undefined) return undefined;
    kept.delete(key);
    size -= found.text.length;
    return found;
  };

  const add = (key: string, found: Kept): void => {
    kept.set(key, found);
    size += found.text.length;
    for (const oldest of kept.keys()) {
      if (size <= MOST_CHARACTERS) break;
      drop(oldest);
    }
  };

  return {
    get(key) {
      const found = drop(key);
      if (found === undefined || clock.now() - found.at >= KEPT_MS) return undefined;
      add(key, found);
      return found.text;
    },
    put(key, text) {
      drop(key);
      if (text.length <= MOST_CHARACTERS) add(key, { text, at: clock.now() });
    },
  };
};
