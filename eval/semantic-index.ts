/**
 * Decides: what hits there are where each question meets thousands of others, as it does in a cache.
 * Never: takes silence for a judgement: of most pairs that the index brings together nobody has said
 * whether they are the same.
 */
import { SemanticCore } from "../src/platform/objects/semantic-core.ts";
import { judge } from "../src/policy/cache/semantic/judge.ts";
import { doubtAllowed } from "../src/policy/cache/semantic/score.ts";
import { NEW_TALLY } from "../src/policy/cache/semantic/tally.ts";
import { printTable } from "./data.ts";
import type { Pair, Utterance } from "./semantic-data.ts";
import type { Embedder } from "./semantic-embedders.ts";

const ERRORS = [0.02, 0.05, 0.1] as const;
/** Each fifth pair asks. */
const EVERY = 5;
const LOOKED_AT = 3;

/** Questions that are the same as each other, over any number of pairs. */
const groupsOf = (pairs: readonly Pair[]): ((question: string) => string) => {
  const parents = new Map<string, string>();
  const rootOf = (question: string): string => {
    let at = question;
    for (let up = parents.get(at); up !== undefined; up = parents.get(at)) at = up;
    return at;
  };
  for (const { a, b, same } of pairs) {
    const [one, other] = [rootOf(a), rootOf(b)];
    if (same && one !== other) parents.set(one, other);
  }
  return rootOf;
};

type Hit = { readonly doubt: number; readonly asked: string; readonly kept: string };

/** Of each question that asks: the least doubted of the candidates that an index of the kept ones finds. */
const leastDoubts = (
  { vectorOf }: Embedder,
  kept: readonly string[],
  asking: readonly string[],
): readonly Hit[] => {
  const vectors = new Map<string, Float32Array>();
  const index = new SemanticCore((id) => vectors.get(id));
  for (const turn of new Set(kept)) {
    const vector = vectorOf(turn);
    vectors.set(turn, vector);
    const row = { id: turn, partition: "all", turn, vector, expiresAt: Number.MAX_SAFE_INTEGER };
    index.insert(row, 0, kept.length);
  }
  return asking.flatMap((asked) => {
    const bounds = { threshold: undefined, maxError: 1, tally: NEW_TALLY };
    const [best] = index
      .search("all", vectorOf(asked), 0, LOOKED_AT)
      .map((found) => ({ asked, kept: found.turn, doubt: judge(asked, found, bounds).doubt }))
      .sort((one, other) => one.doubt - other.doubt);
    return vectors.has(asked) || best === undefined ? [] : [best];
  });
};

/** `seen`: whether the shipped weights were fitted to these pairs. */
export const printIndex = (embedder: Embedder, pairs: readonly Pair[], seen: boolean): void => {
  const rootOf = groupsOf(pairs);
  const different = new Set(
    pairs.filter(({ same }) => !same).flatMap(({ a, b }) => [`${a}\n${b}`, `${b}\n${a}`]),
  );
  const best = leastDoubts(
    embedder,
    pairs.map(({ a }) => a),
    pairs.filter((_, at) => at % EVERY === 0).map(({ b }) => b),
  );
  console.log(
    `\nthrough an index of all first questions, ${best.length} second ones ask (shipped weights${seen ? ", fitted to these" : ""})`,
  );
  printTable(
    ["max_error", "hits", "the same", "different", "nobody judged"],
    ERRORS.map((error) => {
      const hits = best.filter(({ doubt }) => doubt <= doubtAllowed(error));
      const same = hits.filter(({ asked, kept }) => rootOf(asked) === rootOf(kept)).length;
      const wrong = hits.filter(({ asked, kept }) => different.has(`${asked}\n${kept}`)).length;
      return [`${error * 100} %`, hits.length, same, wrong, hits.length - same - wrong];
    }),
  );
};

/** Customers of a bank, every other one kept: the answer is the same where the intent is. Never fitted to. */
export const printIntents = (embedder: Embedder, said: readonly Utterance[]): void => {
  const intents = new Map(said.map(({ text, intent }) => [text, intent]));
  const texts = (odd: number): string[] =>
    said.filter((_, at) => at % 2 === odd).map(({ text }) => text);
  const best = leastDoubts(embedder, texts(0), texts(1));
  console.log(`\n${best.length} requests of a bank's customers through an index of as many others`);
  printTable(
    ["max_error", "hits", "another intent", "share"],
    ERRORS.map((error) => {
      const hits = best.filter(({ doubt }) => doubt <= doubtAllowed(error));
      const wrong = hits.filter(({ asked, kept }) => intents.get(asked) !== intents.get(kept));
      const share = `${((wrong.length / hits.length) * 100).toFixed(1)} %`;
      return [`${error * 100} %`, hits.length, wrong.length, share];
    }),
  );
};
