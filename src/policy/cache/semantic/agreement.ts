/**
 * Decides: what forbids that two turns share an answer, however alike they are: another number,
 * a denial, an opposite, another name, other code, another language, another kind of question.
 * Never: says that they mean the same; where nothing forbids it, the evidence is weighed (score.ts).
 */
import type { Alignment } from "./align.ts";
import { type Kind, kindOf } from "./kind.ts";
import { isEnglish, scriptsOf } from "./language.ts";
import { literalsOf, quotedOf } from "./literals.ts";
import { areOpposites } from "./opposites.ts";
import { isSensitive } from "./sensitive.ts";
import { DATES, DENIALS, DIRECTIONS, GRADES, SYMMETRIES, UNITS } from "./word-lists.ts";
import type { Word } from "./words.ts";

export type Disagreement =
  | "distant"
  | "language"
  | "literal"
  | "number"
  | "unit"
  | "date"
  | "negation"
  | "opposite"
  | "comparative"
  | "name"
  | "order"
  | "question"
  | "sensitive";

const NUMBER = /^[\p{N}]|^\p{Sc}|^[%°]$/u;
/** Signs of code; a lone star is a footnote. */
const SIGN = /^[^\p{L}\p{N}*]/u;

/** Words that stand on one side only. Two turns that differ in more are not worth a closer look. */
const MOST_LEFT = 40;

const onlyOne = ({ onlyA, onlyB }: Alignment): readonly Word[] => [...onlyA, ...onlyB];

const count = (words: readonly Word[], list: ReadonlySet<string>): number =>
  words.filter(({ text }) => list.has(text)).length;

const sameWords = ({ a, b }: Alignment): boolean =>
  a.length === b.length && a.every(({ text }, at) => text === b[at]?.text);

const sameList = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((piece, at) => piece === other[at]);

/** The units that stand right behind numbers. */
const unitsOf = (words: readonly Word[]): readonly string[] =>
  words
    .filter(({ text }, at) => UNITS.has(text) && NUMBER.test(words[at - 1]?.text ?? ""))
    .map(({ stem }) => stem)
    .sort();

/** A word left over on one side is the opposite of one left over on the other. */
const turnsRound = ({ onlyA, onlyB }: Alignment): boolean =>
  onlyA.some((one) => onlyB.some((other) => areOpposites(one.stem, other.stem)));

const matterBeside = (words: readonly Word[], at: number, step: 1 | -1): string | undefined => {
  let place = at + step;
  while (words[place]?.grammar) place += step;
  return words[place]?.stem;
};

/** "from dollars to rupees" and back: what stands on the two sides of a direction changed places. */
const turnedBack = ({ a, b }: Alignment): boolean => {
  const ends = (words: readonly Word[]): (readonly [string, string, string])[] =>
    words.flatMap(({ text }, at) => {
      const [from, to] = [matterBeside(words, at, -1), matterBeside(words, at, 1)];
      const whole = DIRECTIONS.has(text) && from !== undefined && to !== undefined;
      return whole ? [[text, from, to] as const] : [];
    });
  const there = ends(a);
  return ends(b).some(([word, from, to]) =>
    there.some(([same, start, end]) => same === word && start === to && end === from),
  );
};

/** "Do Indians like Russians" and the other way round: two names changed places. */
const namesCrossed = ({ a, b, pairs }: Alignment): boolean => {
  if (count(a, SYMMETRIES) > 0 && count(b, SYMMETRIES) > 0) return false;
  const names = pairs.filter(([at, to]) => a[at]?.name === true && b[to]?.name === true);
  return names.some(([, to], nth) => names.slice(nth + 1).some(([, later]) => later < to));
};

/** Where harm is near, nothing of matter may differ, and the question has to be of the same kind. */
const tooSensitive = (alignment: Alignment): boolean => {
  const { a, b } = alignment;
  if (!(isSensitive(a) || isSensitive(b))) return false;
  return onlyOne(alignment).some(({ grammar }) => !grammar) || kindOf(a) !== kindOf(b);
};

/** "How" and "what" ask for the same in many ways; a time is no place, a person no reason. */
const BROAD: ReadonlySet<Kind> = new Set(["way", "thing", "other"]);

const asksOtherwise = ({ a, b }: Alignment): boolean => {
  const [one, other] = [kindOf(a), kindOf(b)];
  if (one === other || one === "other" || other === "other") {
    return one !== other && (one === "yes-or-no" || other === "yes-or-no");
  }
  return !(BROAD.has(one) && BROAD.has(other));
};

const RULES: readonly (readonly [Disagreement, (alignment: Alignment) => boolean])[] = [
  ["number", (at) => onlyOne(at).some(({ text }) => NUMBER.test(text))],
  ["unit", ({ a, b }) => !sameList(unitsOf(a), unitsOf(b))],
  ["date", (at) => count(onlyOne(at), DATES) > 0],
  ["literal", (at) => onlyOne(at).some(({ text }) => SIGN.test(text))],
  ["negation", ({ a, b }) => count(a, DENIALS) !== count(b, DENIALS)],
  ["opposite", turnsRound],
  ["comparative", (at) => count(onlyOne(at), GRADES) > 0],
  ["name", ({ onlyA, onlyB }) => onlyA.some(({ name }) => name) && onlyB.some(({ name }) => name)],
  ["order", (at) => turnedBack(at) || namesCrossed(at)],
  ["question", asksOtherwise],
  ["sensitive", tooSensitive],
];

/** The first rule that is broken; undefined where the two turns may mean the same. */
export const disagreement = (
  one: string,
  other: string,
  alignment: Alignment,
): Disagreement | undefined => {
  if (scriptsOf(one) !== scriptsOf(other)) return "language";
  if (!sameList(literalsOf(one), literalsOf(other))) return "literal";
  const [said, saidToo] = [quotedOf(one), quotedOf(other)];
  if (said.length > 0 && saidToo.length > 0 && !sameList(said, saidToo)) return "literal";
  const english = isEnglish(one, alignment.a) && isEnglish(other, alignment.b);
  if (onlyOne(alignment).length > MOST_LEFT) return "distant";
  if (sameWords(alignment)) return undefined;
  // Where grammar and endings are unknown, only the same words in the same order are the same.
  if (!english) return "language";
  return RULES.find(([, broken]) => broken(alignment))?.[0];
};
