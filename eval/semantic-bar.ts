/**
 * Decides: how many questions are answered at a given share of wrong hits, beside a plain cosine that is tuned to
 * the same share (bars.md section 4).
 * Never: judges weights on the questions that they were fitted to; whoever calls ranks by refitted ones.
 */
import { printTable } from "./data.ts";
import type { Pair, Sets } from "./semantic-data.ts";

export const ERRORS = [0.02, 0.05, 0.1] as const;
const BAR = { ratio: 2, served: 0.01 } as const;

/** The higher, the rather one answer is given for both. */
export type Rank = (pair: Pair) => number;
type Point = { readonly found: number; readonly cut: number };

export const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** The most duplicates that any threshold finds with no more than the share `error` of its hits wrong. */
const tuned = (pairs: readonly Pair[], rank: Rank, error: number): Point => {
  const ranked = pairs
    .map((pair) => ({ rank: rank(pair), same: pair.same }))
    .toSorted((a, b) => b.rank - a.rank);
  const all = ranked.filter(({ same }) => same).length;
  let wrong = 0;
  let best: Point = { found: 0, cut: Number.POSITIVE_INFINITY };
  ranked.forEach(({ rank: at, same }, place) => {
    if (!same) wrong++;
    // A threshold cannot part what it ranks the same.
    if (ranked[place + 1]?.rank === at || wrong > error * (place + 1)) return;
    best = { found: (place + 1 - wrong) / all, cut: at };
  });
  return best;
};

const servedAt = (pairs: readonly Pair[], rank: Rank, cut: number): number =>
  pairs.filter((pair) => rank(pair) >= cut).length / pairs.length;

export type Measured = {
  /** Whether the bar holds at every share of errors. */
  readonly holds: boolean;
  /** For each share of errors the threshold that keeps the first plain rank to it. */
  readonly cuts: ReadonlyMap<number, number>;
};

/** `plain`: ranks by name, the embedder's own cosine first. The better one of them is what has to be beaten. */
export const printBar = (
  { questions, contradictions, contrasts }: Sets,
  plain: Readonly<Record<string, Rank>>,
  judged: Rank,
): Measured => {
  const points = ERRORS.map((error) => {
    const crude = Object.values(plain).map((rank) => tuned(questions, rank, error));
    const ours = tuned(questions, judged, error);
    const best = Math.max(...crude.map(({ found }) => found));
    const served = [contradictions, contrasts].map((pairs) => servedAt(pairs, judged, ours.cut));
    const fine = ours.found >= BAR.ratio * best && Math.max(...served) <= BAR.served;
    return { error, crude, ours, served, ratio: ours.found / best, fine };
  });
  printTable(
    ["wrong", ...Object.keys(plain), "judged", "ratio", "contradictions", "contrasts"],
    points.map(({ error, crude, ours, served, ratio, fine }) => [
      percent(error),
      ...crude.map(({ found }) => percent(found)),
      percent(ours.found),
      `${ratio.toFixed(2)} ${fine ? "holds" : "MISSED"}`,
      ...served.map(percent),
    ]),
  );
  console.log("bar: ≥ 2 × the better plain cosine; contradictions and contrasts ≤ 1 % served");
  return {
    holds: points.every(({ fine }) => fine),
    cuts: new Map(points.map(({ error, crude }) => [error, crude[0]?.cut ?? 1])),
  };
};
