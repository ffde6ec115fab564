/**
 * Decides: which words a turn consists of, so that two turns can be laid side by side.
 * Never: reads a turn longer than MOST; whoever asks has refused it before.
 */
import { FUNCTION_WORDS, SHORT_FORMS } from "./word-lists.ts";

/** Characters. What is longer is a document and no question: nobody can tell cheaply that two of them mean the same. */
export const MOST = 1_000;

export type Word = {
  /** Lower case. */
  readonly text: string;
  /** Without its ending. */
  readonly stem: string;
  /** Carries grammar rather than matter. */
  readonly grammar: boolean;
  /** Written with a capital inside a sentence, or all in capitals: probably a name. */
  readonly name: boolean;
};

/** Numbers, words (c++ and c# are words), the ends of sentences, and signs that mean something: ==, #, %, $. */
const TOKEN =
  /\p{N}+(?:[.,:]\p{N}+)*|[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)?[+#]*|[.?!]|[=+*<>&|^%#@~\\\p{Sc}-]{2,}|[=+*<>^%#@\p{Sc}]|\([^\p{L}\p{N}\s]{0,4}\)/gu;
const ENDS_SENTENCE = /^[.?!]$/;

/** Endings that change the grammar of an English word and not its matter. */
const ENDINGS: readonly (readonly [RegExp, string])[] = [
  [/ies$/, "y"],
  [/(ss|sh|ch|x|z)es$/, "$1"],
  [/([^su])s$/, "$1"],
  [/ied$/, "y"],
  [/([a-z][aeiouy][^aeiou]{1,2}|[a-z]{2}[^aeiou])ing$/, "$1"],
  [/([^aeiou])ed$/, "$1"],
];
const DOUBLED = /([bdgmnprt])\1$/;
const ENGLISH = /^[a-z]{4,}$/;

/** An English word without its ending, at least three letters; any other word as it is. */
export const stemOf = (word: string): string => {
  if (!ENGLISH.test(word)) return word;
  let stem = word;
  for (const [ending, rest] of ENDINGS) {
    const shorter = stem.replace(ending, rest);
    if (shorter !== stem && shorter.length >= 3) {
      stem = shorter;
      break;
    }
  }
  if (stem !== word && DOUBLED.test(stem)) stem = stem.slice(0, -1);
  if (stem.length <= 3) return stem;
  return stem.replace(/(?:ie|y)$/, "i").replace(/e$/, "");
};

const parts = (token: string): readonly string[] => {
  const known = SHORT_FORMS.get(token);
  if (known !== undefined) return known;
  const at = token.indexOf("'");
  if (at < 0) return [token];
  if (token.endsWith("n't")) return [token.slice(0, -3), "not"];
  const tail = SHORT_FORMS.get(token.slice(at));
  return tail === undefined ? [token.replace("'", "")] : [token.slice(0, at), ...tail];
};

const isCapital = (raw: string): boolean => {
  const first = raw.charAt(0);
  return first !== first.toLowerCase() && raw !== "I" && !raw.startsWith("I'");
};

/** In the order in which they stand. */
export const wordsOf = (turn: string): readonly Word[] => {
  const words: Word[] = [];
  let starts = true;
  for (const [raw] of turn
    .normalize("NFKC")
    .replace(/[’‘`´]/g, "'")
    .matchAll(TOKEN)) {
    if (ENDS_SENTENCE.test(raw)) {
      starts = true;
      continue;
    }
    const shouted = raw.length > 1 && raw === raw.toUpperCase() && raw !== raw.toLowerCase();
    const name = shouted || (!starts && isCapital(raw));
    for (const text of parts(raw.toLowerCase())) {
      const grammar = FUNCTION_WORDS.has(text);
      words.push({ text, stem: grammar ? text : stemOf(text), grammar, name: name && !grammar });
    }
    starts = false;
  }
  return words;
};
