/**
 * Decides: which words of two turns stand for each other, and which are left over on either side.
 * Never: takes a word for a misspelling of its opposite (lock, unlock) or of another number.
 */
import { KIN_OF } from "./word-lists.ts";
import type { Word } from "./words.ts";

export type Alignment = {
  readonly a: readonly Word[];
  readonly b: readonly Word[];
  /** Places of words that are the same, in both, in the order of `a`. */
  readonly pairs: readonly (readonly [number, number])[];
  /** Words of matter that are nearly the same: spelling, another form, a word of the same meaning. */
  readonly near: readonly (readonly [Word, Word])[];
  readonly onlyA: readonly Word[];
  readonly onlyB: readonly Word[];
};

const kinOf = (stem: string): string => KIN_OF.get(stem) ?? stem;

/** One letter too many, too few or wrong, or two that changed places; never in the first letter. */
export const isMisspelling = (one: string, other: string): boolean => {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (short.length < 5 || long.length - short.length > 1 || short[0] !== long[0]) return false;
  let at = 1;
  while (at < short.length && short[at] === long[at]) at++;
  if (short.length < long.length) return short.slice(at) === long.slice(at + 1);
  if (short.slice(at + 1) === long.slice(at + 1)) return true;
  return (
    short[at] === long[at + 1] &&
    short[at + 1] === long[at] &&
    short.slice(at + 2) === long.slice(at + 2)
  );
};

/** invest and investment: the shorter one, all but its last letter, begins the longer one. */
const isOtherForm = (one: string, other: string): boolean => {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (short.length < 4 || long.length - short.length > 5) return false;
  return long.startsWith(short.length > 5 ? short.slice(0, -1) : short);
};

const LETTERS = /^\p{L}+$/u;

const isNear = (one: Word, other: Word): boolean => {
  if (kinOf(one.stem) === kinOf(other.stem)) return true;
  if (!(LETTERS.test(one.stem) && LETTERS.test(other.stem))) return false;
  return isMisspelling(one.stem, other.stem) || isOtherForm(one.stem, other.stem);
};

/** Turns that leave more words than that are not alike, however the words are spelled. */
const FEW = 24;

/** Matches greedily, first the same stems, then the nearly same. Quadratic in few words only. */
export const align = (a: readonly Word[], b: readonly Word[]): Alignment => {
  const places = new Map<string, number[]>();
  b.forEach(({ stem }, at) => {
    const known = places.get(stem);
    if (known === undefined) places.set(stem, [at]);
    else known.push(at);
  });
  const pairs: [number, number][] = [];
  const onlyA: Word[] = [];
  const used = new Set<number>();
  a.forEach((word, at) => {
    const place = places.get(word.stem)?.shift();
    if (place === undefined) onlyA.push(word);
    else {
      pairs.push([at, place]);
      used.add(place);
    }
  });
  const onlyB = b.filter((_, at) => !used.has(at));
  const near: [Word, Word][] = [];
  const few = onlyA.length <= FEW && onlyB.length <= FEW;
  for (const word of few ? onlyA.filter(({ grammar }) => !grammar) : []) {
    const other = onlyB.findIndex((one) => !one.grammar && isNear(word, one));
    const found = onlyB[other];
    if (found === undefined) continue;
    near.push([word, found]);
    onlyB.splice(other, 1);
    onlyA.splice(onlyA.indexOf(word), 1);
  }
  return { a, b, pairs, near, onlyA, onlyB };
};
