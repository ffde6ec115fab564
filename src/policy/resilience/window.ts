/**
 * Decides: what counts as recent – ten buckets of three seconds, the oldest given up as a new one begins.
 * Never: says whether the counts are good or bad; that is the breaker.
 */
const BUCKET_MS = 3_000;
const BUCKETS = 10;

export type Tally = {
  readonly ok: number;
  readonly fail: number;
  /** Of the two before: those that were slow to begin. */
  readonly slow: number;
};

type Bucket = Tally & {
  /** Which three seconds since the epoch. */
  readonly slot: number;
};

/** Oldest first; at most ten, and none that is empty. */
export type Window = readonly Bucket[];

export const EMPTY_WINDOW: Window = [];

const slotOf = (now: number): number => Math.floor(now / BUCKET_MS);

/** `now` is in milliseconds and never before that of an earlier call. */
export const tallied = (window: Window, now: number, { ok, fail, slow }: Tally): Window => {
  const slot = slotOf(now);
  const last = window.at(-1);
  if (last?.slot === slot) {
    const more = { slot, ok: last.ok + ok, fail: last.fail + fail, slow: last.slow + slow };
    return [...window.slice(0, -1), more];
  }
  const recent = window.filter((bucket) => bucket.slot > slot - BUCKETS);
  return [...recent, { slot, ok, fail, slow }];
};

export const recentTally = (window: Window, now: number): Tally => {
  const since = slotOf(now) - BUCKETS;
  const sum = { ok: 0, fail: 0, slow: 0 };
  for (const bucket of window) {
    if (bucket.slot <= since) continue;
    sum.ok += bucket.ok;
    sum.fail += bucket.fail;
    sum.slow += bucket.slow;
  }
  return sum;
};
