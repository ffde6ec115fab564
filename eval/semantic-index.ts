/**
 * Decides: what hits there are where each question meets thousands of others, as it does in a cache.
 * Never: takes silence for a judgement: of most pairs that the index brings together nobody has said
 * whether they are the same.
 */
import { SemanticCore } from "../src/platform/objects/semantic-core.ts";
import { embedLexically } from "../src/policy/cache/semantic/embed.ts";
import { judge } from "../src/policy/cache/semantic/judge.ts";
import { doubtAllowed } from "../src/policy/cache/semantic/score.ts";
import { NEW_TALLY } from "../src/policy/cache/semantic/tally.ts";
import { printTable } from "./data.ts";
import type { Pair } from "./semantic-data.ts";

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

/** The candidate with the least doubt of each question that asks. */
const leastDoubts = (pairs: readonly Pair[]): readonly Hit[] => {
  const vectors = new Map<string, Float32Array>();
  const index = new SemanticCore((id) => vectors.get(id));
  for (const { a } of pairs) {
    const vector = embedLexically(a);
    vectors.set(a, vector);
    const row = { id: a, partition: "all", turn: a, vector, expiresAt: Number.MAX_SAFE_INTEGER };
    index.insert(row, 0, pairs.length);
  }
  const asking = pairs.filter(({ b }, at) => at % EVERY === 0 && !vectors.has(b));
  return asking.flatMap(({ b: asked }) => {
    const bounds = { threshold: undefined, maxError: 1, tally: NEW_TALLY };
    const [best] = index
      .search("all", embedLexically(asked), 0, LOOKED_AT)
      .map((found) => ({ asked, kept: found.turn, doubt: judge(asked, found, bounds).doubt }))
      .sort((one, other) => one.doubt - other.doubt);
    return best === undefined ? [] : [best];
  });
};

export const printIndex = (pairs: readonly Pair[], seen: boolean): void => {
  const rootOf = groupsOf(pairs);
  const different = new Set(
    pairs.filter(({ same }) => !same).flatMap(({ a, b }) => [`${a}\n${b}`, `${b}\n${a}`]),
  );
  const best = leastDoubts(pairs);
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
