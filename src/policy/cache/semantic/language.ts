/**
 * Decides: in which script a turn is written, and whether it reads like English.
 * Never: names a language; the rules of agreement know English, and for the rest nearly nothing may differ.
 */
import type { Word } from "./words.ts";

const SCRIPTS = [
  ["Latin", /\p{Script=Latin}/u],
  ["Cyrillic", /\p{Script=Cyrillic}/u],
  ["Greek", /\p{Script=Greek}/u],
  ["Arabic", /\p{Script=Arabic}/u],
  ["Hebrew", /\p{Script=Hebrew}/u],
  ["Devanagari", /\p{Script=Devanagari}/u],
  ["Thai", /\p{Script=Thai}/u],
  ["Hangul", /\p{Script=Hangul}/u],
  ["Kana", /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ["Han", /\p{Script=Han}/u],
  ["other", /\p{L}/u],
] as const;

/** The scripts of a turn, in a fixed order: two turns of one language have the same. */
export const scriptsOf = (turn: string): string =>
  SCRIPTS.filter(([, letters]) => letters.test(turn))
    .map(([name]) => name)
    .filter((name, _, all) => name !== "other" || all.length === 1)
    .join("+");

/** The commonest words of languages that share letters with English, without those that English has too. */
const FOREIGN: ReadonlySet<string> = new Set(
  `der die das und ist wie ich nicht ein eine mit zu den von für auf sind kann man wo wer
  el la los las que es de en por un una cómo qué cuál como para con se del al puedo está
  le les des et est comment quel quelle je du une pour dans pourquoi où ce ne pas sur
  il che di per sono cosa quale perché non gli nel della posso
  o os um uma não é são qual por onde do da dos das fazer
  het een van hoe wat ik niet zijn met voor waar jak jest czy co hur vad är och att hvordan er jeg`
    .split(/\s+/)
    .filter((word) => word !== "do"),
);
/** Of a long English sentence at least a tenth is grammar. */
const LEAST_GRAMMAR = 0.1;
const FEW_WORDS = 6;
const LETTERS = /^\p{L}/u;

/** In doubt false. */
export const isEnglish = (turn: string, words: readonly Word[]): boolean => {
  const spoken = words.filter(({ text }) => LETTERS.test(text));
  if (spoken.length === 0) return true;
  if (scriptsOf(turn) !== "Latin") return false;
  const grammar = spoken.filter((word) => word.grammar).length;
  const foreign = spoken.filter(({ text }) => FOREIGN.has(text)).length;
  if (foreign > 0 && foreign >= grammar) return false;
  return spoken.length <= FEW_WORDS || grammar >= LEAST_GRAMMAR * spoken.length;
};
