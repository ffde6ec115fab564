/**
 * Decides: how much doubt a whole index may allow, from what verified hits and free comparisons taught:
 * where the weights are too sure of themselves on somebody's traffic, the bar comes down.
 * Never: allows more than the weights do. The state is plain JSON.
 */
import type { Verdict } from "./trust.ts";

/** Upper edges of the bins of doubt. */
const EDGES = [0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4, 0.6, 1] as const;

/** One number a bin. */
export type Tally = { readonly confirmed: readonly number[]; readonly refuted: readonly number[] };

const NONE: readonly number[] = EDGES.map(() => 0);
export const NEW_TALLY: Tally = { confirmed: NONE, refuted: NONE };

/** What the weights say of a bin counts as much as this many verdicts. */
const PRIOR = 10;
/** A bin that knows more forgets half: traffic changes. */
const MOST = 400;

const binOf = (doubt: number): number => {
  const bin = EDGES.findIndex((edge) => doubt <= edge);
  return bin < 0 ? EDGES.length - 1 : bin;
};

/** `doubt`: that of the weights. The verdict is on a hit that was asked again, or on a candidate that was not served. */
export const tallyStep = (
  { confirmed, refuted }: Tally,
  doubt: number,
  verdict: Verdict,
): Tally => {
  const bin = binOf(doubt);
  const full = (confirmed[bin] ?? 0) + (refuted[bin] ?? 0) >= MOST;
  const counted = (counts: readonly number[], of: Verdict): readonly number[] =>
    counts.map((count, at) => {
      if (at !== bin) return count;
      return (full ? count / 2 : count) + (verdict === of ? 1 : 0);
    });
  return { confirmed: counted(confirmed, "confirmed"), refuted: counted(refuted, "refuted") };
};

/** The share of wrong ones that is expected of a bin: the weights' word for its middle, and what was seen. */
const expected = ({ confirmed, refuted }: Tally, bin: number, upTo: number): number => {
  const low = EDGES[bin - 1] ?? 0;
  const middle = (low + Math.min(upTo, EDGES[bin] ?? 1)) / 2;
  const [right, wrong] = [confirmed[bin] ?? 0, refuted[bin] ?? 0];
  return (PRIOR * middle + wrong) / (PRIOR + right + wrong);
};

/**
 * The bar of doubt. Bin by bin from the surest on: as soon as what was seen of a bin says that its
 * candidates would be wrong more often than the weights claim, and all hits up to it more often than
 * `maxError`, the bar stands before it.
 */
export const barOf = (tally: Tally, maxError: number, allowed: number): number => {
  let [hits, wrong] = [0, 0];
  for (let bin = 0; bin < EDGES.length; bin++) {
    const low = EDGES[bin - 1] ?? 0;
    if (low >= allowed) break;
    const seen = (tally.confirmed[bin] ?? 0) + (tally.refuted[bin] ?? 0);
    const share = expected(tally, bin, allowed);
    hits += PRIOR + seen;
    wrong += (PRIOR + seen) * share;
    const claimed = Math.min(allowed, EDGES[bin] ?? 1);
    if (share > claimed && wrong > maxError * hits) return low;
  }
  return allowed;
};
