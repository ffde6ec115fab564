/**
 * Decides: whether a fresh answer says what the cached one said, for the share of hits that is asked again.
 * Never: insists: two wordings of one long answer are hard to tell from two answers, and then it says so.
 */
import { cosineOf, embedLexically } from "./embed.ts";
import type { Verdict } from "./trust.ts";
import { DENIALS } from "./word-lists.ts";
import { type Word, wordsOf } from "./words.ts";

/** Answers of so few words are the same or they are not. */
const SHORT = 6;
const ALIKE = 0.7;
const UNLIKE = 0.35;
/** What is compared of a long answer: its beginning says what it is about. */
const MOST = 4_000;
const NUMBER = /^\p{N}/u;
const YES_OR_NO = new Set(["yes", "no"]);

const numbersOf = (answer: string): ReadonlySet<string> =>
  new Set(
    wordsOf(answer)
      .map(({ text }) => text)
      .filter((text) => NUMBER.test(text)),
  );

/** The share of the numbers of the answer with fewer of them that stands in the other one; 1 where one has none. */
const sharedNumbers = (one: string, other: string): number => {
  const [fewer = new Set<string>(), more] = [numbersOf(one), numbersOf(other)].sort(
    (a, b) => a.size - b.size,
  );
  if (fewer.size === 0) return 1;
  return [...fewer].filter((number) => more?.has(number)).length / fewer.size;
};

const denials = (words: readonly Word[]): number =>
  words.filter(({ text }) => DENIALS.has(text)).length;

/** Undefined where it cannot be told. */
export const verdictOn = (cached: string, fresh: string): Verdict | undefined => {
  const [one, other] = [cached.slice(0, MOST), fresh.slice(0, MOST)];
  const [a, b] = [wordsOf(one), wordsOf(other)];
  if (a.length <= SHORT || b.length <= SHORT) {
    const [short, long] = a.length <= b.length ? [a, b] : [b, a];
    const said = new Set(long.map(({ stem }) => stem));
    const within = short.length > 0 && short.every(({ stem }) => said.has(stem));
    // "Paris." and "The capital of France is Paris." are one answer; "It is not Paris." is another.
    return within && denials(a) === denials(b) ? "confirmed" : "refuted";
  }
  const first = (words: typeof a): string => words[0]?.text ?? "";
  const [said, says] = [first(a), first(b)];
  if (said !== says && YES_OR_NO.has(said) && YES_OR_NO.has(says)) return "refuted";
  const alike = cosineOf(embedLexically(one), embedLexically(other));
  const numbers = sharedNumbers(one, other);
  if (alike >= ALIKE && numbers === 1) return "confirmed";
  return alike < UNLIKE || (alike < ALIKE && numbers < 0.5) ? "refuted" : undefined;
};
