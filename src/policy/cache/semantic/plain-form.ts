/**
 * Decides: in which one form a question is laid out before two are compared: a bare phrase asks what it is, and
 * the day that is meant stands last.
 * Never: leaves out, changes or adds a word of matter.
 */
import { kindOf, VERBS } from "./kind.ts";
import { isEnglish } from "./language.ts";
import { isSensitive } from "./sensitive.ts";
import { TURNING_WORDS } from "./word-lists.ts";
import { type Word, wordsOf } from "./words.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** "What is the weather today in Oslo", "What is today's weather in Oslo": the day may stand anywhere. */
const DAYS = words("today tonight tomorrow yesterday");
/** Behind these a day is part of what is said: "the news of today", "from tomorrow on". */
const BINDING = words("of from to for by since as with like");

const ASKING = wordsOf("what is");
const ARTICLE = wordsOf("the");
/** A phrase may begin with these; with "I", "if", "then" a sentence does. */
const ARTICLES = words("a an the my our your any some");

const withDayLast = (turn: readonly Word[]): readonly Word[] => {
  const [at, another] = turn.flatMap(({ text }, place) => (DAYS.has(text) ? [place] : []));
  const day = turn[at ?? -1];
  // Of two days each belongs to a part of its own.
  if (at === undefined || day === undefined || another !== undefined) return turn;
  const before = turn[at - 1]?.text ?? "";
  if (BINDING.has(before) || TURNING_WORDS.has(before)) return turn;
  return [...turn.slice(0, at), ...turn.slice(at + 1), day];
};

/** "Today's weather?": a question without a verb. Where harm is near, nobody guesses what is asked of it. */
const isBare = (said: string, turn: readonly Word[]): boolean => {
  const [first] = turn;
  if (first === undefined || !said.trimEnd().endsWith("?")) return false;
  if (first.grammar && !ARTICLES.has(first.text)) return false;
  if (kindOf(turn) !== "other" || turn.some(({ text }) => VERBS.has(text))) return false;
  return isEnglish(said, turn) && !isSensitive(turn);
};

/** With the article that such phrases leave out as well. */
const asked = (phrase: readonly Word[]): readonly Word[] => [
  ...ASKING,
  ...(phrase[0]?.grammar === true ? [] : ARTICLE),
  ...phrase,
];

/** "Today's Beijing weather?" as `what is the beijing weather today`. */
export const plainForm = (said: string): readonly Word[] => {
  const turn = wordsOf(said);
  return withDayLast(isBare(said, turn) ? asked(turn) : turn);
};
