/**
 * Decides: what the semantic cache finds and how often it is wrong, for each embedder at hand.
 * Never: judges weights on the questions that they were fitted to: those are judged by refitting.
 */
import { doubtAllowed, doubtOf, scoreOf } from "../src/policy/cache/semantic/score.ts";
import weights from "../src/policy/cache/semantic/weights.json" with { type: "json" };
import { printTable } from "./data.ts";
import { ERRORS, percent, printBar, type Rank } from "./semantic-bar.ts";
import {
  bagCosine,
  fingerprint,
  type Pair,
  readSets,
  readUtterances,
  type Sets,
} from "./semantic-data.ts";
import { type Embedder, encoderFor, LEXICAL, likenessBy } from "./semantic-embedders.ts";
import { printIndex, printIntents } from "./semantic-index.ts";
import { crossed } from "./semantic-learn.ts";
import { printSavings } from "./semantic-savings.ts";
import { printTracking } from "./semantic-tracking.ts";

/** Below every score: what a rule keeps apart is never served. */
const NEVER = -1_000;
/** Each second pair of questions is put to the real model, which takes some 10 ms for a sentence. */
const ENCODED = 2;
const THRESHOLDS = [0.9, 0.95] as const;

const duplicatesIn = (questions: readonly Pair[]): number =>
  questions.filter(({ same }) => same).length;

/** A row: the share of duplicates found, and of wrong ones among the hits. */
const outcome = (questions: readonly Pair[], isHit: (pair: Pair) => boolean): string[] => {
  const hits = questions.filter(isHit);
  const wrong = hits.length - duplicatesIn(hits);
  return [
    percent((hits.length - wrong) / duplicatesIn(questions)),
    hits.length === 0 ? "–" : percent(wrong / hits.length),
  ];
};

/** What the shipped bars make of pairs: `error` is what was asked for. */
const printBounds = (questions: readonly Pair[], judged: Rank): void => {
  console.log("\nwith `max_error`, before anything is learnt of an entry, whatever the embedder");
  printTable(
    ["max_error", "duplicates found", "wrong among hits"],
    [0.01, ...ERRORS, 0.2].map((error) => {
      const allowed = doubtAllowed(error);
      const isHit = (pair: Pair): boolean =>
        judged(pair) > NEVER && doubtOf(judged(pair)) <= allowed;
      return [percent(error), ...outcome(questions, isHit)];
    }),
  );
};

/** The rules with a threshold alone: what holds where no bound on errors is set. */
const printThresholds = (questions: readonly Pair[], likeness: Rank): void => {
  console.log("\nwithout `max_error`");
  printTable(
    ["threshold", "duplicates found", "wrong among hits"],
    THRESHOLDS.map((threshold) => {
      const isHit = (pair: Pair): boolean =>
        pair.compared.disagreement === undefined && likeness(pair) >= threshold;
      return [threshold, ...outcome(questions, isHit)];
    }),
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
      percent(duplicatesIn(pairs) / pairs.length),
    ]),
  );
  const open = (pairs: readonly Pair[]): number =>
    pairs.filter(({ compared }) => compared.disagreement === undefined).length;
  console.log(
    `left to the weights: ${open(contradictions)} of ${contradictions.length} contradictions, ${open(contrasts)} of ${contrasts.length} contrasts`,
  );
};

/** What depends on the embedder: its cosine, and whom its index brings together. */
const evaluateWith = (
  embedder: Embedder,
  sets: Sets,
  judged: Rank,
  seen: boolean,
  others: Readonly<Record<string, Rank>>,
): boolean => {
  const { questions } = sets;
  console.log(`\n### embedder ${embedder.name}: ${questions.length} pairs of questions\n`);
  const likeness = likenessBy(embedder);
  const { holds, cuts } = printBar(
    sets,
    { [`${embedder.name} cosine`]: likeness, ...others },
    judged,
  );
  printThresholds(questions, likeness);
  printIndex(embedder, questions, seen);
  const said = readUtterances();
  printIntents(embedder, said);
  printSavings(embedder, said, cuts);
  return holds;
};

/** Each so many of the questions, with all of the statements and contrasts. */
const sampled = (sets: Sets, every: number): Sets => ({
  ...sets,
  questions: sets.questions.filter((_, at) => at % every === 0),
});

const encoderOf = (sets: Sets): Promise<Embedder> => {
  const pairs = [...sets.questions, ...sets.contradictions, ...sets.contrasts];
  const turns = [
    ...pairs.flatMap(({ a, b }) => [a, b]),
    ...readUtterances().map((said) => said.text),
  ];
  return encoderFor(turns);
};

/** Prints the figures; true where the bar holds at every share of errors, for every embedder. */
export const evaluateSemantic = async (): Promise<boolean> => {
  const sets = readSets();
  const { questions } = sets;
  const seen = weights.fitted === fingerprint(questions);
  const refitted = seen ? crossed(sets) : undefined;
  const judged: Rank = (pair) => {
    const { evidence } = pair.compared;
    if (evidence === undefined) return NEVER;
    return refitted?.get(pair) ?? scoreOf(evidence);
  };
  console.log(
    `${questions.length} pairs of questions, ${duplicatesIn(questions)} the same; ${seen ? "fitted to these: judged by ten-fold refitting" : "not fitted to these"}`,
  );
  console.log(
    "embedders at hand: lexical (built in), encoder (Universal Sentence Encoder lite, a real model). The weights read",
  );
  console.log("no embedder's similarity: it decides who is found, and where a threshold is set");
  printBounds(questions, judged);
  printRules(sets);
  printTracking(questions, judged, NEVER);
  const bag: Rank = ({ a, b }) => bagCosine(a, b);
  const lexically = evaluateWith(LEXICAL, sets, judged, seen, { "bag of words": bag });
  const some = sampled(sets, ENCODED);
  const begun = performance.now();
  const encoder = await encoderOf(some);
  console.log(
    `\nencoded in ${((performance.now() - begun) / 1_000).toFixed(0)} s; a sample: every ${ENCODED}nd pair of questions, all of the rest`,
  );
  return evaluateWith(encoder, some, judged, seen, {}) && lexically;
};
