/**
 * Decides: how well the complexity score tells which questions need the strong model (bars.md section 4).
 * Never: judges a table on the questions that it was fitted to: those are judged by ten-fold refitting.
 */
import { learnedOf } from "../src/policy/routing/complexity/learned.ts";
import { scoreOf } from "../src/policy/routing/complexity/score.ts";
import weights from "../src/policy/routing/complexity/weights.json" with { type: "json" };
import { readOpenAi } from "../src/policy/routing/request/gist-openai.ts";
import { printTable, quantile } from "./data.ts";
import { printBound } from "./routing-bound.ts";
import { type Curve, curveOf } from "./routing-curve.ts";
import { type Example, examplesOf, fingerprint, SETS } from "./routing-data.ts";
import { predict, type Row, ridge, rowsOf } from "./routing-fit.ts";

const BAR = { share: 0.5, gain: 0.9 } as const;
const FOLDS = 10;
const SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] as const;
const fitted: Readonly<Record<string, string>> = weights.fitted;

const scored = ({ prompt }: Example, learned: (question: string) => number): number =>
  scoreOf(readOpenAi({ messages: [{ role: "user", content: prompt }] }), {}, learned).score;

/** The score of each example under tables that have not seen it. */
const refitted = (rows: readonly Row[]): ReadonlyMap<Example, number> => {
  const scores = new Map<Example, number>();
  for (let fold = 0; fold < FOLDS; fold++) {
    const apart = rows.filter((_, place) => place % FOLDS === fold);
    const others = rows.filter((_, place) => place % FOLDS !== fold);
    const table = ridge(others);
    const full = quantile(
      others.map(({ grams }) => Math.abs(predict(table, grams))),
      0.98,
    );
    for (const { example, grams } of apart) {
      const learned = Math.max(-1, Math.min(1, predict(table, grams) / full));
      scores.set(
        example,
        scored(example, () => learned),
      );
    }
  }
  return scores;
};

const row = (name: string, curve: Curve): string[] => [
  name,
  ...SHARES.map((share) => curve.at(share).toFixed(3)),
  curve.mean.toFixed(3),
];

const judge = (
  rows: readonly Row[],
  set: Example["set"],
  examples: readonly Example[],
  refit: ReadonlyMap<Example, number>,
): boolean => {
  const seen = fitted[set] === fingerprint(examples);
  const curve = (score: (example: Example) => number): Curve =>
    curveOf(examples, examples.map(score));
  const shipped = curve((example) => scored(example, learnedOf));
  const honest = seen ? curve((example) => refit.get(example) ?? 0) : shipped;
  const weak = examples.reduce((sum, one) => sum + one.weak, 0) / examples.length;
  const gain = examples.reduce((sum, one) => sum + one.gain, 0) / examples.length;
  console.log(
    `\n${set}: ${examples.length} questions, weak ${weak.toFixed(3)}, strong ${(weak + gain).toFixed(3)}; part of the gain kept at each share of calls to the strong model`,
  );
  printTable(
    ["ranked by", ...SHARES.map((share) => `${share * 100} %`), "mean"],
    [
      ["random", ...SHARES.map((share) => share.toFixed(3)), "0.500"],
      row(
        "length",
        curve(({ prompt }) => prompt.length),
      ),
      row(
        "score, no table",
        curve((example) => scored(example, () => 0)),
      ),
      ...(seen ? [row("score, refitted ×10", honest)] : []),
      row(seen ? "score (fitted to these)" : "score", shipped),
      row(
        "knowing the answers",
        curve(({ gain: one }) => one),
      ),
    ],
  );
  const kept = honest.at(BAR.share);
  const holds = kept >= BAR.gain && honest.aboveRandom > 0;
  console.log(
    `bar: ≥ ${BAR.gain} of the gain at ${BAR.share * 100} % of calls: ${kept.toFixed(3)}; above random everywhere: ${honest.aboveRandom > 0 ? "yes" : "no"} (least ${honest.aboveRandom.toFixed(3)}): ${holds ? "holds" : "MISSED"}`,
  );
  if (!holds) printBound(rows);
  return holds;
};

/** Prints the curves; true where the bar holds for every set. */
export const evaluateRouting = (): boolean => {
  const sets = SETS.map((set) => ({ set, examples: examplesOf(set) }));
  const seen = sets.some(({ set, examples }) => fitted[set] === fingerprint(examples));
  const all = sets.flatMap(({ examples }) => examples);
  const refit = seen ? refitted(rowsOf(all)) : new Map<Example, number>();
  return sets
    .map(({ set, examples }) => judge(rowsOf(examples), set, examples, refit))
    .every(Boolean);
};
