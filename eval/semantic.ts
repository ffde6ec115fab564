/**
 * Decides: how many questions the semantic cache answers at a given share of wrong hits, beside a plain
 * cosine at the same share (bars.md section 4).
 * Never: judges weights on the questions that they were fitted to: those are judged by refitting.
 */
import { cosineOf, embedLexically } from "../src/policy/cache/semantic/embed.ts";
import { doubtAllowed, doubtOf, scoreOf } from "../src/policy/cache/semantic/score.ts";
import weights from "../src/policy/cache/semantic/weights.json" with { type: "json" };
import { printTable } from "./data.ts";
import { bagCosine, fingerprint, type Pair, readSets, type Sets } from "./semantic-data.ts";
import { printIndex, printIntents } from "./semantic-index.ts";
import { crossed } from "./semantic-learn.ts";
import { printSavings } from "./semantic-savings.ts";
import { printTracking } from "./semantic-tracking.ts";

const ERRORS = [0.02, 0.05, 0.1] as const;
const BAR = { ratio: 2, served: 0.01 } as const;
/** Below every score: what a rule keeps apart is never served. */
const NEVER = -1_000;

type Rank = (pair: Pair) => number;
type Point = { readonly found: number; readonly cut: number };

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

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** The rules with a threshold alone: what holds where no bound on errors is set. */
const thresholdRow = (questions: readonly Pair[], lexical: Rank, threshold: number): string[] => {
  const hits = questions.filter(
    (pair) => pair.compared.disagreement === undefined && lexical(pair) >= threshold,
  );
  const wrong = hits.filter(({ same }) => !same).length;
  const all = questions.filter(({ same }) => same).length;
  return [
    `threshold ${threshold}`,
    percent((hits.length - wrong) / all),
    percent(wrong / hits.length),
  ];
};

/** What the shipped bars make of pairs: `error` is what was asked for. */
const printShipped = ({ questions }: Sets, rank: Rank, lexical: Rank): void => {
  console.log("\nwith `max_error`, before anything is learnt of an entry");
  printTable(
    ["max_error", "duplicates found", "wrong among hits"],
    [0.01, ...ERRORS, 0.2]
      .map((error): string[] => {
        const allowed = doubtAllowed(error);
        const hits = questions.filter(
          (pair) => rank(pair) > NEVER && doubtOf(rank(pair)) <= allowed,
        );
        const wrong = hits.filter(({ same }) => !same).length;
        const all = questions.filter(({ same }) => same).length;
        return [percent(error), percent((hits.length - wrong) / all), percent(wrong / hits.length)];
      })
      .concat([0.9, 0.95].map((threshold) => thresholdRow(questions, lexical, threshold))),
  );
};

const printRules = ({ questions, contradictions, contrasts }: Sets): void => {
  const reasons = Map.groupBy(
    questions,
    ({ compared }) => compared.disagreement ?? "nothing keeps them apart",
  );
  console.log("\nwhat keeps two questions apart, and how many of those want one answer");
  printTable(
    ["rule", "pairs", "the same"],
    [...reasons].map(([reason, pairs]) => [
      reason,
      pairs.length,
      percent(pairs.filter(({ same }) => same).length / pairs.length),
    ]),
  );
  const open = (pairs: readonly Pair[]): number =>
    pairs.filter(({ compared }) => compared.disagreement === undefined).length;
  console.log(
    `left to the weights: ${open(contradictions)} of ${contradictions.length} contradictions, ${open(contrasts)} of ${contrasts.length} contrasts`,
  );
};

/** Prints the figures; true where the bar holds at every share of errors. */
export const evaluateSemantic = (): boolean => {
  const sets = readSets();
  const { questions, contradictions, contrasts } = sets;
  const seen = weights.fitted === fingerprint(questions);
  const refitted = seen ? crossed(sets) : undefined;
  const judged: Rank = (pair) => {
    const { evidence } = pair.compared;
    if (evidence === undefined) return NEVER;
    return refitted?.get(pair) ?? scoreOf(evidence);
  };
  const lexical: Rank = ({ a, b }) => cosineOf(embedLexically(a), embedLexically(b));
  const bag: Rank = ({ a, b }) => bagCosine(a, b);
  console.log(
    `${questions.length} pairs of questions, ${questions.filter(({ same }) => same).length} the same; ${seen ? "fitted to these: judged by ten-fold refitting" : "not fitted to these"}`,
  );
  console.log(
    "embedders at hand: lexical (built in). No neural one is: they are models of a provider, and nothing is sent out",
  );
  const points = ERRORS.map((error) => ({
    error,
    bag: tuned(questions, bag, error),
    lexical: tuned(questions, lexical, error),
    judged: tuned(questions, judged, error),
  }));
  const holds = points.map(({ error, ...at }) => {
    const ratio = at.judged.found / Math.max(at.lexical.found, at.bag.found);
    const contradicted = servedAt(contradictions, judged, at.judged.cut);
    const contrasted = servedAt(contrasts, judged, at.judged.cut);
    const fine = ratio >= BAR.ratio && Math.max(contradicted, contrasted) <= BAR.served;
    return { error, at, ratio, contradicted, contrasted, fine };
  });
  printTable(
    ["wrong", "bag of words", "lexical cosine", "judged", "ratio", "contradictions", "contrasts"],
    holds.map(({ error, at, ratio, contradicted, contrasted, fine }) => [
      percent(error),
      percent(at.bag.found),
      percent(at.lexical.found),
      percent(at.judged.found),
      `${ratio.toFixed(2)} ${fine ? "holds" : "MISSED"}`,
      percent(contradicted),
      percent(contrasted),
    ]),
  );
  console.log("bar: ≥ 2 × the better plain cosine; contradictions and contrasts ≤ 1 % served");
  printShipped(sets, judged, lexical);
  printRules(sets);
  printTracking(questions, judged, NEVER);
  printIndex(questions, seen);
  printIntents();
  printSavings(new Map(points.map(({ error, lexical: { cut } }) => [error, cut])));
  return holds.every(({ fine }) => fine);
};
