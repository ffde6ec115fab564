/**
 * Decides: how pairs of turns that may or may not share an answer are read.
 * Never: keeps them; what is committed are the fitted weights.
 */
import { createHash } from "node:crypto";
import { align } from "../src/policy/cache/semantic/align.ts";
import { type Compared, compare } from "../src/policy/cache/semantic/compare.ts";
import { wordsOf } from "../src/policy/cache/semantic/words.ts";
import { lines } from "./data.ts";

type Line = {
  readonly a: string;
  readonly b: string;
  readonly label?: number;
  readonly entailment?: string;
};

export type Pair = {
  readonly a: string;
  readonly b: string;
  /** Whether one answer does for both. */
  readonly same: boolean;
  readonly compared: Compared;
};

const FOLDER = "semantic-cache";

const read = (file: string, keep: (line: Line) => boolean = () => true): Pair[] =>
  lines<Line>(`${FOLDER}/${file}`)
    .filter(keep)
    .map(({ a, b, label }) => ({ a, b, same: label === 1, compared: compare(a, b) }));

export type Sets = {
  /** Questions as people asked them, judged by people: the same or not. */
  readonly questions: readonly Pair[];
  /** Statements that contradict each other in nearly the same words. */
  readonly contradictions: readonly Pair[];
  /** A harmless request and a harmful one in nearly the same words. */
  readonly contrasts: readonly Pair[];
};

/** What a customer of a bank says, and which of 77 things he wants. Nothing is ever fitted to it. */
export type Utterance = { readonly text: string; readonly intent: string };

export const readUtterances = (): readonly Utterance[] =>
  lines<Utterance>(`${FOLDER}/banking77_intents.jsonl`);

export const readSets = (): Sets => ({
  questions: read("qqp_pairs.jsonl"),
  contradictions: read(
    "sick_scored_pairs.jsonl",
    ({ entailment }) => entailment === "CONTRADICTION",
  ),
  contrasts: read("xstest_contrast_negative_pairs.jsonl"),
});

/** Of a plain bag of words: what the crudest index would rank by. */
export const bagCosine = (one: string, other: string): number => {
  const { pairs, a, b } = align(wordsOf(one), wordsOf(other));
  return a.length * b.length === 0 ? 0 : pairs.length / Math.sqrt(a.length * b.length);
};

/** Tells whether the weights were fitted to these very questions. */
export const fingerprint = (pairs: readonly Pair[]): string => {
  const hash = createHash("sha256");
  for (const { a, b } of pairs) hash.update(a).update("\u0000").update(b).update("\u0001");
  return hash.digest("hex").slice(0, 16);
};
