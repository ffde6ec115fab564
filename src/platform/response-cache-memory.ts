/**
 * Decides: which answers an isolate has at hand, so that a hit costs no look into KV.
 * Never: grows beyond a few megabytes, or goes on for long with what another isolate may have renewed.
 */
import type { Clock } from "../base/clock.ts";
import { EDGE_TTL } from "./edge-ttl.ts";
import { createRecentlyUsed } from "./recently-used.ts";

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
  const kept = createRecentlyUsed<Kept>(MOST_CHARACTERS, ({ text }) => text.length);
  return {
    get(key) {
      const found = kept.get(key);
      if (found === undefined || clock.now() - found.at < KEPT_MS) return found?.text;
      kept.drop(key);
      return undefined;
    },
    put: (key, text) => kept.put(key, { text, at: clock.now() }),
  };
};
