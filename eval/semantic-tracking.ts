/**
 * Decides: whether hits that are verified keep the share of errors where `max_error` wants it, also
 * where the weights are too sure of themselves.
 * Never: asks a model; whether two questions want one answer is known beforehand.
 */
import { doubtAllowed, doubtOf } from "../src/policy/cache/semantic/score.ts";
import { barOf, NEW_TALLY, tallyStep } from "../src/policy/cache/semantic/tally.ts";
import { printTable } from "./data.ts";
import type { Pair } from "./semantic-data.ts";

const MAX_ERROR = 0.05;
/** How many times a question comes: a cache sees more than ten thousand of them. */
const ROUNDS = 3;

/** A row: the share of errors among hits, and the duplicates found, in the last round. */
const run = (
  questions: readonly Pair[],
  doubt: (pair: Pair) => number,
  verify: number,
): string[] => {
  let tally = NEW_TALLY;
  let [hits, wrong, due] = [0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    [hits, wrong] = [0, 0];
    for (const pair of questions) {
      const one = doubt(pair);
      if (one === 1) continue;
      const hit = one <= barOf(tally, MAX_ERROR, doubtAllowed(MAX_ERROR));
      if (hit) {
        hits++;
        if (!pair.same) wrong++;
        due += verify;
        if (due < 1) continue;
        due -= 1;
      } else if (verify === 0) continue;
      // A candidate that is not served is answered anyway: comparing costs nothing.
      tally = tallyStep(tally, one, pair.same ? "confirmed" : "refuted");
    }
  }
  const all = questions.filter(({ same }) => same).length;
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
  return [percent(wrong / hits), percent((hits - wrong) / all)];
};

export const printTracking = (
  questions: readonly Pair[],
  rank: (pair: Pair) => number,
  never: number,
): void => {
  const doubts = new Map(
    questions.map((pair) => [pair, rank(pair) > never ? doubtOf(rank(pair)) : 1]),
  );
  const honest = (pair: Pair): number => doubts.get(pair) ?? 1;
  // Three times as sure as they have a right to be.
  const bold = (pair: Pair): number => (honest(pair) < 1 ? honest(pair) / 3 : 1);
  console.log(
    `\nhits verified, max_error ${MAX_ERROR * 100} %: wrong among hits, duplicates found`,
  );
  printTable(
    ["verify", "weights as they are", "", "weights too bold by 3", ""],
    [0, 0.01, 0.1, 1].map((verify) => [
      verify,
      ...run(questions, honest, verify),
      ...run(questions, bold, verify),
    ]),
  );
};
