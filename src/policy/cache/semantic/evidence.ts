/**
 * Decides: in which figures the likeness of two turns is put, for the weights to judge.
 * Never: judges. Which way a figure may push (RISING, FALLING) is part of what it means.
 */
import type { Alignment } from "./align.ts";
import { KINDS, kindOf } from "./kind.ts";
import { LIGHT_STEMS, TURNING_WORDS } from "./word-lists.ts";
import type { Word } from "./words.ts";

/** Each figure's name, and whether more of it may only raise (1) or only lower (−1) the score, or either (0). */
export const FIGURES = {
  cosine: 1,
  matter: 1,
  weight: 1,
  grammar: 1,
  neighbours: 1,
  matterNeighbours: 1,
  heavyLeft: -1,
  heavyFewer: -1,
  heavyMore: -1,
  lightLeft: -1,
  grammarMore: -1,
  grammarFewer: -1,
  turning: -1,
  names: -1,
  letters: -1,
  lettersFewer: -1,
  crossed: -1,
  crossedMatter: -1,
  otherKind: -1,
  longer: -1,
  longerText: -1,
  otherSentences: -1,
  otherSelf: -1,
  otherYou: -1,
  otherTense: -1,
  otherModal: -1,
  otherQuantity: -1,
  near: 0,
  kind: 0,
  words: 0,
  fewerWords: 0,
  heavyShared: 0,
  heavy: 0,
  sentences: 0,
  leftAlike: 0,
  sameFirst: 0,
  sameStart: 0,
  sameEnd: 0,
} as const;

export type Evidence = Record<keyof typeof FIGURES, number>;

const isHeavy = ({ grammar, stem }: Word): boolean => !(grammar || LIGHT_STEMS.has(stem));

const share = (both: number, all: number): number => (all === 0 ? 1 : (2 * both) / all);

const neighbours = (words: readonly Word[]): ReadonlySet<string> =>
  new Set(words.slice(1).map(({ stem }, at) => `${words[at]?.stem} ${stem}`));

const sharedOf = (one: ReadonlySet<string>, other: ReadonlySet<string>): number =>
  share([...one].filter((pair) => other.has(pair)).length, one.size + other.size);

const WINDOW = 10;

/** The share of neighbouring pairs that changed places, 0..1. */
const crossed = (pairs: readonly (readonly [number, number])[]): number => {
  let over = 0;
  let all = 0;
  pairs.forEach(([, to], at) => {
    for (const [, next] of pairs.slice(at + 1, at + WINDOW)) {
      all++;
      if (next < to) over++;
    }
  });
  return all === 0 ? 0 : over / all;
};

const letters = (words: readonly Word[]): number =>
  words.reduce((sum, { stem }) => sum + Math.min(12, stem.length), 0);

const sentences = (turn: string): number => turn.match(/[.?!](?=\s|$)/g)?.length ?? 0;

const ratio = (one: number, other: number): number => Math.abs(Math.log((1 + one) / (1 + other)));

const SELF = new Set(["i", "me", "my", "myself", "am"]);
const YOU = new Set(["you", "your"]);
const PAST = new Set(["did", "was", "were", "had", "been", "has", "have"]);
const MODALS = ["should", "can", "will", "would"].map((word) => new Set([word]));
const QUANTITIES = ["all", "most", "some", "any", "every", "only"].map((word) => new Set([word]));
const differs = (
  one: readonly Word[],
  other: readonly Word[],
  list: ReadonlySet<string>,
): number =>
  one.some(({ text }) => list.has(text)) === other.some(({ text }) => list.has(text)) ? 0 : 1;

const apart = (
  one: readonly Word[],
  other: readonly Word[],
  lists: readonly ReadonlySet<string>[],
): number => lists.reduce((sum, list) => sum + differs(one, other, list), 0);

const same = (one: Word | undefined, other: Word | undefined): number =>
  one?.stem === other?.stem ? 1 : 0;

/** `cosine` and `leftAlike`: of the lexical vectors of the turns, and of what is left over of each. */
export const evidenceOf = (
  one: string,
  other: string,
  alignment: Alignment,
  cosine: number,
  leftAlike: number,
): Evidence => {
  const { a, b, pairs, near, onlyA, onlyB } = alignment;
  const matterA = a.filter(({ grammar }) => !grammar);
  const matterB = b.filter(({ grammar }) => !grammar);
  const [heavyA, heavyB] = [a.filter(isHeavy), b.filter(isHeavy)];
  const [leftA, leftB] = [onlyA.filter(isHeavy), onlyB.filter(isHeavy)];
  const matterPairs = pairs.filter(([at]) => !a[at]?.grammar);
  const heavyPairs = matterPairs.filter(([at]) => !LIGHT_STEMS.has(a[at]?.stem ?? ""));
  const left = [...onlyA, ...onlyB];
  const grammarA = onlyA.filter(({ grammar }) => grammar).length;
  const grammarB = onlyB.filter(({ grammar }) => grammar).length;
  const [kindA, kindB] = [kindOf(a), kindOf(b)];
  const [sentencesA, sentencesB] = [sentences(one), sentences(other)];
  const grammarWords = a.length + b.length - matterA.length - matterB.length;
  return {
    cosine,
    matter: share(matterPairs.length + near.length, matterA.length + matterB.length),
    weight: share(heavyPairs.length + near.length, heavyA.length + heavyB.length),
    grammar: share(pairs.length - matterPairs.length, grammarWords),
    neighbours: sharedOf(neighbours(a), neighbours(b)),
    matterNeighbours: sharedOf(neighbours(matterA), neighbours(matterB)),
    heavyLeft: leftA.length + leftB.length,
    heavyFewer: Math.min(leftA.length, leftB.length),
    heavyMore: Math.max(leftA.length, leftB.length),
    lightLeft: left.length - grammarA - grammarB - leftA.length - leftB.length,
    grammarMore: Math.max(grammarA, grammarB),
    grammarFewer: Math.min(grammarA, grammarB),
    turning: left.filter(({ text }) => TURNING_WORDS.has(text)).length,
    names: [...leftA, ...leftB].filter(({ name }) => name).length,
    letters: letters(leftA) + letters(leftB),
    lettersFewer: Math.min(letters(leftA), letters(leftB)),
    crossed: crossed(pairs),
    crossedMatter: crossed(heavyPairs),
    otherKind: kindA === kindB ? 0 : 1,
    longer: ratio(a.length, b.length),
    longerText: ratio(one.length, other.length),
    otherSentences: Math.abs(sentencesA - sentencesB),
    otherSelf: differs(a, b, SELF),
    otherYou: differs(a, b, YOU),
    otherTense: differs(a, b, PAST),
    otherModal: apart(a, b, MODALS),
    otherQuantity: apart(a, b, QUANTITIES),
    near: near.length,
    kind: kindA === kindB ? KINDS.indexOf(kindA) : KINDS.length,
    words: Math.max(a.length, b.length),
    fewerWords: Math.min(a.length, b.length),
    heavyShared: heavyPairs.length,
    heavy: Math.min(heavyA.length, heavyB.length),
    sentences: Math.max(sentencesA, sentencesB),
    leftAlike,
    sameFirst: same(a[0], b[0]),
    sameStart: same(heavyA[0], heavyB[0]),
    sameEnd: same(heavyA.at(-1), heavyB.at(-1)),
  };
};
