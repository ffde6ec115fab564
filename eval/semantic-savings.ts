/**
 * Decides: what a semantic cache saves where customers ask the same in other words, and how often it is wrong.
 * Never: fits anything to them, and never counts a wrong hit as money saved.
 */
import { type Found, SemanticCore } from "../src/platform/objects/semantic-core.ts";
import { judge, pick } from "../src/policy/cache/semantic/judge.ts";
import { NEW_TALLY } from "../src/policy/cache/semantic/tally.ts";
import { estimateInput } from "../src/policy/tokens/estimate.ts";
import { familyOf } from "../src/policy/tokens/families.ts";
import { costOf } from "../src/policy/usage/cost.ts";
import { lookupModel } from "../src/policy/usage/model-table.ts";
import { tokenizerFor } from "../test/support/rank-files.ts";
import { printTable } from "./data.ts";
import type { Utterance } from "./semantic-data.ts";
import type { Embedder } from "./semantic-embedders.ts";

/** Given the turn and the three most alike before it: the one whose answer is given. */
type Serve = (turn: string, found: readonly Found[]) => Found | undefined;

const LOOKED_AT = 3;
/** So many that three of them had to be answered: fewer than half of all are ever saved. */
const REMEMBERED = 60;
const PROVIDER = "openai";
const MODEL = "gpt-4o";
/** A few sentences. The data has questions alone. */
const ANSWER_TOKENS = 200;
const NANO = 1e9;

const tokenizer = tokenizerFor("o200k_base");
const price = lookupModel(PROVIDER, MODEL)?.price;

/** USD of a call that asks nothing but this. */
const dollarsOf = (text: string): number => {
  const messages = [{ role: "user" as const, content: [{ type: "text" as const, text }] }];
  const request = { messages, stream: false, include_usage: false, extra: {} };
  const input_tokens = estimateInput(request, familyOf(PROVIDER, MODEL), tokenizer);
  return (costOf(price, { input_tokens, output_tokens: ANSWER_TOKENS }) ?? 0) / NANO;
};

type Outcome = { readonly hits: number; readonly wrong: number; readonly dollars: number };

type Met = Utterance & {
  /** Those before it that are most like it, best first, whether or not they had to be answered. */
  readonly near: readonly Found[];
};

/** Through the index, once for all the rows of the table. */
const meet = ({ vectorOf }: Embedder, said: readonly Utterance[]): readonly Met[] => {
  const index = new SemanticCore(vectorOf);
  return said.map(({ text, intent }) => {
    const vector = vectorOf(text);
    const near = index.search("all", vector, 0, REMEMBERED);
    const expiresAt = Number.MAX_SAFE_INTEGER;
    index.insert({ id: text, partition: "all", turn: text, vector, expiresAt }, 0, said.length);
    return { text, intent, near };
  });
};

/** All of them in turn, each looked up among those before it that had to be answered. */
const replay = (said: readonly Met[], serve: Serve): Outcome => {
  const intents = new Map<string, string>();
  const outcome = { hits: 0, wrong: 0, dollars: 0 };
  for (const { text, intent, near } of said) {
    const found = near.filter(({ id }) => intents.has(id)).slice(0, LOOKED_AT);
    const hit = serve(text, found);
    if (hit === undefined) {
      intents.set(text, intent);
      continue;
    }
    outcome.hits++;
    if (intents.get(hit.id) === intent) outcome.dollars += dollarsOf(text);
    else outcome.wrong++;
  }
  return outcome;
};

const judged =
  (maxError: number): Serve =>
  (turn, found) => {
    const picked = pick(turn, found, { threshold: undefined, maxError, tally: NEW_TALLY });
    return picked?.judgement.serve === true ? picked.candidate : undefined;
  };

const byCosine =
  (threshold: number): Serve =>
  (_, [best]) =>
    best !== undefined && best.similarity >= threshold ? best : undefined;

const defaults: Serve = (turn, found) => {
  const bounds = { threshold: 0.95, maxError: undefined, tally: NEW_TALLY };
  return found.find((one) => judge(turn, one, bounds).serve);
};

type Seen = { readonly similarity: number; readonly same: boolean };

/** Of each one: how alike the most alike before it is, and whether both want the same. Most alike first. */
const lookedAt = (said: readonly Met[]): readonly Seen[] => {
  const intents = new Map(said.map(({ text, intent }) => [text, intent]));
  return said
    .flatMap(({ near: [best], intent }) =>
      best === undefined
        ? []
        : [{ similarity: best.similarity, same: intents.get(best.turn) === intent }],
    )
    .sort((a, b) => b.similarity - a.similarity);
};

/** The lowest threshold at which a plain cosine is wrong no more often than that, told by the very answers. */
const tunedCosine = (seen: readonly Seen[], error: number): number => {
  let [wrong, threshold] = [0, Number.POSITIVE_INFINITY];
  seen.forEach(({ similarity, same }, place) => {
    if (!same) wrong++;
    if (wrong <= error * (place + 1)) threshold = similarity;
  });
  return threshold;
};

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/**
 * BANKING77: each request once; which of 77 things a customer wants is the answer that he needs. `cuts`: the
 * thresholds that keep a plain cosine's errors at each share on the pairs that the weights were fitted to.
 */
export const printSavings = (
  embedder: Embedder,
  said: readonly Utterance[],
  cuts: ReadonlyMap<number, number>,
): void => {
  const spent = said.reduce((sum, { text }) => sum + dollarsOf(text), 0);
  const intents = new Set(said.map(({ intent }) => intent)).size;
  console.log(
    `\n${said.length} requests of a bank's customers one after the other, ${intents} intents; without a cache $${spent.toFixed(2)}`,
  );
  console.log(
    `(${PROVIDER} ${MODEL} by the shipped price table, tokens of each question counted, ${ANSWER_TOKENS} assumed for each answer)`,
  );
  const row = (name: string, { hits, wrong, dollars }: Outcome): (string | number)[] => [
    ...[name, hits, percent(hits / said.length), wrong],
    ...[
      hits === 0 ? "–" : percent(wrong / hits),
      `$${dollars.toFixed(2)}`,
      percent(dollars / spent),
    ],
  ];
  const met = meet(embedder, said);
  const seen = lookedAt(met);
  const cosine = (name: string, threshold: number): (string | number)[] =>
    row(`${name}: ${threshold.toFixed(3)}`, replay(met, byCosine(threshold)));
  const rows = [...cuts].flatMap(([error, cut]) => [
    row(`max_error ${error}`, replay(met, judged(error))),
    cosine(`plain cosine, tuned to ${error} on the pairs above`, cut),
    cosine(`plain cosine, tuned to ${error} on these very requests`, tunedCosine(seen, error)),
  ]);
  printTable(
    ["", "calls saved", "of all", "another intent", "among hits", "right ones' dollars", "of all"],
    [...rows, row("threshold 0.95 (the default)", replay(met, defaults))],
  );
};
