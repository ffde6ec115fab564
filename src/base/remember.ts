/**
 * Decides: that a map which callers fill stays within a bound: what was put in longest ago goes.
 * Never: is for what must not be forgotten.
 */

/** Puts `value` in as the newest. */
export const remember = <K, V>(map: Map<K, V>, key: K, value: V, most: number): void => {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
};
