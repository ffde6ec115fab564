/**
 * Decides: how long a location may keep what it has read from KV, also that there is nothing.
 * Never: is shorter: KV does not allow it.
 */

/** Seconds. */
export const EDGE_TTL = 30;
