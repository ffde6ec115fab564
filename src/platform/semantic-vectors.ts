/**
 * Decides: which vectors an isolate has at hand, so that a question that is asked again is not embedded again.
 * Never: grows beyond a few megabytes.
 */
import type { RecentVectors } from "../ports-semantic.ts";

/** Numbers of four bytes: 4 MB of an isolate's 128. */
const MOST_NUMBERS = 1_000_000;

export const createRecentVectors = (most = MOST_NUMBERS): RecentVectors => {
  /** Used least lately first. */
  const kept = new Map<string, Float32Array>();
  let size = 0;

  const take = (name: string): Float32Array | undefined => {
    const found = kept.get(name);
    if (found === undefined) return undefined;
    kept.delete(name);
    size -= found.length;
    return found;
  };

  const put = (name: string, vector: Float32Array): void => {
    take(name);
    kept.set(name, vector);
    size += vector.length;
    for (const oldest of kept.keys()) {
      if (size <= most) break;
      take(oldest);
    }
  };

  return {
    get(name) {
      const found = take(name);
      if (found !== undefined) put(name, found);
      return found;
    },
    put,
  };
};
