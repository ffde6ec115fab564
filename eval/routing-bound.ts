/**
 * Decides: what can be said of the best that any router could do with the questions alone.
 * Never: judges the shipped table; that is routing.ts.
 */
import { printTable } from "./data.ts";
import { curveOf } from "./routing-curve.ts";
import type { Example } from "./routing-data.ts";
import { predict, type Row, ridge } from "./routing-fit.ts";

const FOLDS = 5;
const HALF = 0.5;

/** Scores of each row by what `learn` makes of the other folds. */
const crossed = (
  rows: readonly Row[],
  learn: (others: readonly Row[]) => (row: Row) => number,
): number[] => {
  const scores = new Array<number>(rows.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const score = learn(rows.filter((_, place) => place % FOLDS !== fold));
    rows.forEach((row, place) => {
      if (place % FOLDS === fold) scores[place] = score(row);
    });
  }
  return scores;
};

/** How often a question that only the strong model answers is ranked above another one. */
const discrimination = (examples: readonly Example[], scores: readonly number[]): number => {
  const ranked = examples
    .map(({ gain }, place) => ({ gain, score: scores[place] ?? 0 }))
    .sort((a, b) => a.score - b.score);
  const positives = ranked.filter(({ gain }) => gain > 0).length;
  const ranks = ranked.reduce((sum, { gain }, place) => (gain > 0 ? sum + place + 1 : sum), 0);
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (ranked.length - positives));
};

/** Gaussian noise without chance: the same in every run. */
const noise = (place: number): number => {
  const at = (salt: number): number =>
    ((Math.imul(place * 2 + salt, 0x9e3779b1) ^ Math.imul(place + 7, 0x85ebca6b)) >>> 0) / 2 ** 32;
  return Math.sqrt(-2 * Math.log(1 - at(1))) * Math.cos(2 * Math.PI * at(2));
};

const known =
  (of: (row: Row) => string | undefined) =>
  (others: readonly Row[]): ((row: Row) => number) => {
    const mean = others.reduce((sum, { example }) => sum + example.gain, 0) / others.length;
    const groups = Map.groupBy(others, of);
    const PRIOR = 20;
    return (row) => {
      const like = groups.get(of(row)) ?? [];
      const sum = like.reduce((all, { example }) => all + example.gain, PRIOR * mean);
      return sum / (like.length + PRIOR);
    };
  };

const learnt = (share: number) => (others: readonly Row[]) => {
  const table = ridge(others.slice(0, Math.round(others.length * share)));
  return ({ grams }: Row) => predict(table, grams);
};

/** `rows` of one set, by the table alone. */
export const printBound = (rows: readonly Row[]): void => {
  const examples = rows.map(({ example }) => example);
  const line = (name: string, scores: readonly number[]): string[] => {
    const curve = curveOf(examples, scores);
    return [
      name,
      curve.at(HALF).toFixed(3),
      curve.mean.toFixed(3),
      discrimination(examples, scores).toFixed(3),
    ];
  };
  const subjects = examples.some(({ subject }) => subject !== undefined);
  console.log(
    "what limits it (the table alone; each question judged by tables that have not seen it)",
  );
  printTable(
    ["router", "at 50 %", "mean", "ranks right"],
    [
      ...[0.125, 0.25, 0.5, 1].map((share) =>
        line(`table from ${share * 100} % of the others`, crossed(rows, learnt(share))),
      ),
      ...(subjects
        ? [
            line(
              "knows the true subject",
              crossed(
                rows,
                known(({ example }) => example.subject),
              ),
            ),
          ]
        : []),
      ...[2, 1.5, 1.2, 1].map((sigma) =>
        line(
          `knows the answers, noise ${sigma}`,
          examples.map(({ gain }, place) => gain + sigma * noise(place)),
        ),
      ),
    ],
  );
};
