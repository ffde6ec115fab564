/**
 * Decides: how latencies are kept so that many isolates' can be put together and a quantile still be told.
 * Never: is wrong by more than 1 % (and the rounding to whole milliseconds), however much was merged.
 */

/** Each bucket is 2 % wider than the one before: its middle is within 1 % of everything in it. */
const RELATIVE_ERROR = 0.01;
const GROWTH = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GROWTH = Math.log(GROWTH);

/** How many latencies fell into each bucket; a bucket without any is absent. Plain JSON. */
export type Latencies = Readonly<Record<number, number>>;

export const NO_LATENCIES: Latencies = {};

/** Bucket 0 is below a millisecond; bucket i reaches up to GROWTH to the power of i − 1, inclusive. */
export const bucketOf = (ms: number): number =>
  ms < 1 ? 0 : 1 + Math.ceil(Math.log(ms) / LOG_GROWTH);

/** The value whose relative distance to both ends of the bucket is the same. */
const middleOf = (bucket: number): number =>
  bucket === 0 ? 0 : (2 * GROWTH ** (bucket - 1)) / (1 + GROWTH);

const sum = (a: Latencies, b: Iterable<readonly [bucket: number, count: number]>): Latencies => {
  const counts: Record<number, number> = { ...a };
  for (const [bucket, count] of b) counts[bucket] = (counts[bucket] ?? 0) + count;
  return counts;
};

const entriesOf = (latencies: Latencies): (readonly [number, number])[] =>
  Object.entries(latencies).map(([bucket, count]) => [Number(bucket), count] as const);

/** `milliseconds` are whole and not negative. */
export const latenciesOf = (milliseconds: readonly number[]): Latencies =>
  sum(
    NO_LATENCIES,
    milliseconds.map((ms) => [bucketOf(ms), 1] as const),
  );

export const mergedLatencies = (a: Latencies, b: Latencies): Latencies => sum(a, entriesOf(b));

/**
 * The nearest-rank quantile in whole milliseconds: the least latency that at least a share `q` (0 < q ≤ 1)
 * of all do not exceed. 0 where there is none.
 */
export const quantileOf = (latencies: Latencies, q: number): number => {
  const buckets = entriesOf(latencies).sort(([a], [b]) => a - b);
  const total = buckets.reduce((all, [, count]) => all + count, 0);
  let left = Math.ceil(q * total);
  for (const [bucket, count] of buckets) {
    left -= count;
    if (left <= 0) return Math.round(middleOf(bucket));
  }
  return 0;
};
