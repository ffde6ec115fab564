/**
 * Decides: from which pairs the forest is grown, how heavily each counts, and how a pair is judged by
 * forests that have not seen it.
 * Never: writes anything down.
 */
import { FIGURES } from "../src/policy/cache/semantic/evidence.ts";
import { rowOf } from "../src/policy/cache/semantic/score.ts";
import { type Forest, scoreBy } from "../src/policy/cache/semantic/trees.ts";
import type { Pair, Sets } from "./semantic-data.ts";
import { type Growing, grow } from "./semantic-trees.ts";

/** By refitting over depth 3 to 6 and 100 to 400 trees; hit rates differ by less than their noise. */
const HOW: Growing = {
  trees: 250,
  depth: 6,
  rate: 0.045,
  ridge: 5,
  least: 5,
  sample: 0.7,
  figures: 0.4,
};
const FOLDS = 10;
const WAYS: readonly number[] = Object.values(FIGURES);

type Row = { readonly pair: Pair; readonly place: number; readonly row: readonly number[] };

/** Those that no rule keeps apart. Folds go by the place in the file. */
const rowsOf = (sets: Sets): readonly Row[] =>
  [sets.questions, sets.contradictions, sets.contrasts].flatMap((pairs) =>
    pairs.flatMap((pair, place) => {
      const { evidence } = pair.compared;
      return evidence === undefined ? [] : [{ pair, place, row: rowOf(evidence) }];
    }),
  );

const grown = (rows: readonly Row[]): Forest =>
  grow(
    {
      rows: rows.map(({ row }) => row),
      same: rows.map(({ pair }) => pair.same),
      weights: rows.map(() => 1),
    },
    WAYS,
    HOW,
  );

export const learn = (sets: Sets): Forest => grown(rowsOf(sets));

/** A prime: which fold a place falls into, another one in each round. */
const SPREAD = 9_973;

/**
 * The score of each pair by a forest that has not seen it; none for those that a rule keeps apart.
 * Another `round` is another division into folds.
 */
export const crossed = (sets: Sets, round = 0): ReadonlyMap<Pair, number> => {
  const foldOf = (place: number): number =>
    (round === 0 ? place : (place * (round + 1)) % SPREAD) % FOLDS;
  const rows = rowsOf(sets);
  const scores = new Map<Pair, number>();
  for (let fold = 0; fold < FOLDS; fold++) {
    const forest = grown(rows.filter(({ place }) => foldOf(place) !== fold));
    for (const { pair, place, row } of rows) {
      if (foldOf(place) === fold) scores.set(pair, scoreBy(forest, row));
    }
  }
  return scores;
};
