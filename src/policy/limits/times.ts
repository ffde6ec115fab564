/**
 * Decides: how long what is held for a request lives without a word of it, and the longest that anybody is told
 * to wait (machines.md sections 2 to 5).
 * Never: is a setting; these bound what a crash can leave behind.
 */

/** Milliseconds. A slot that nobody renews is free again after this: the bar for a crash. */
export const SLOT_LEASE_MS = 90_000;

/** Milliseconds between two renewals: two may be lost before a slot is. */
export const SLOT_RENEW_MS = 30_000;

/** Milliseconds after its deadline until a request that nobody has heard of is charged. */
export const GRACE_MS = 60_000;

/** Milliseconds for which an isolate may admit out of a block: as long as a revocation may wait for it. */
export const LEASE_MS = 2_000;

/** Milliseconds that a block may come back late before it is charged as if it had been used. */
export const LEASE_GRACE_MS = 10_000;

/** Milliseconds. A longer Retry-After than a day is of use to nobody (machines.md section 5). */
export const LONGEST_WAIT_MS = 86_400_000;

/** Milliseconds. Nobody knows when holds end; a second is the least that Retry-After can say. */
export const SOON_MS = 1_000;
