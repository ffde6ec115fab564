/**
 * Decides: what an isolate keeps at hand within a size: what was used longest ago goes first.
 * Never: is for what must not be forgotten.
 */

export type RecentlyUsed<V> = {
  /** It counts as used now. */
  get(key: string): V | undefined;
  /** As the newest. What is larger than all that may be kept is not kept. */
  put(key: string, value: V): void;
  drop(key: string): void;
};

/** `most`: the size of all together, as `sizeOf` measures each. */
export const createRecentlyUsed = <V>(
  most: number,
  sizeOf: (value: V) => number,
): RecentlyUsed<V> => {
  /** Used least lately first. */
  const kept = new Map<string, V>();
  let size = 0;

  const take = (key: string): V | undefined => {
    const found = kept.get(key);
    if (found === undefined) return undefined;
    kept.delete(key);
    size -= sizeOf(found);
    return found;
  };

  const put = (key: string, value: V): void => {
    take(key);
    if (sizeOf(value) > most) return;
    kept.set(key, value);
    size += sizeOf(value);
    for (const oldest of kept.keys()) {
      if (size <= most) break;
      take(oldest);
    }
  };

  return {
    get(key) {
      const found = take(key);
      if (found !== undefined) put(key, found);
      return found;
    },
    put,
    drop: (key) => void take(key),
  };
};
