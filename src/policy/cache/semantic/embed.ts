/**
 * Decides: the built-in embedding: a vector of the letters and words of a turn. It is lexical: it
 * knows spelling and no meaning.
 * Never: calls anybody. A configured embedding model takes its place.
 */
import { type Word, wordsOf } from "./words.ts";

export const DIMENSIONS = 512;

const PRIME = 0x01000193;
const WORD = 0x811c9dc5;
const PAIR = 0x2f0b4c47;
const GRAM = 0x51ed270b;
const GRAM_LENGTHS = [3, 4] as const;
/** Words of grammar are in every turn; what is asked about is in the others. */
const GRAMMAR = 0.3;
const PAIR_SHARE = 0.4;
const GRAM_SHARE = 0.25;

const hashOf = (text: string, seed: number): number => {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x85ebca6b) ^ (hash >>> 13);
};

const tally = (words: readonly Word[]): ReadonlyMap<number, number> => {
  const weights = new Map<number, number>();
  const add = (hash: number, weight: number): void => {
    weights.set(hash, (weights.get(hash) ?? 0) + weight);
  };
  words.forEach(({ stem, grammar }, at) => {
    const weight = grammar ? GRAMMAR : 1;
    add(hashOf(stem, WORD), weight);
    const next = words[at + 1];
    if (next !== undefined) add(hashOf(`${stem} ${next.stem}`, PAIR), PAIR_SHARE * weight);
    if (grammar) return;
    const bordered = `<${stem}>`;
    for (const length of GRAM_LENGTHS) {
      for (let from = 0; from + length <= bordered.length; from++) {
        add(hashOf(bordered.slice(from, from + length), GRAM), GRAM_SHARE);
      }
    }
  });
  return weights;
};

/** DIMENSIONS numbers of length 1 together; all zero where there are no words. */
export const embedWords = (words: readonly Word[]): Float32Array => {
  const vector = new Float32Array(DIMENSIONS);
  for (const [hash, weight] of tally(words)) {
    const at = hash & (DIMENSIONS - 1);
    const sign = (hash & DIMENSIONS) === 0 ? 1 : -1;
    // A word said three times is not three times the matter.
    vector[at] = (vector[at] ?? 0) + sign * Math.sqrt(weight);
  }
  return normalised(vector);
};

export const embedLexically = (turn: string): Float32Array => embedWords(wordsOf(turn));

/** Scaled to length 1; a vector without length stays as it is. */
export const normalised = (vector: Float32Array): Float32Array => {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const norm = Math.sqrt(squares);
  return norm === 0 ? vector : vector.map((value) => value / norm);
};

/** Of two vectors of length 1 and of as many numbers: −1 to 1. */
export const cosineOf = (one: Float32Array, other: Float32Array): number => {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += (one[at] ?? 0) * (other[at] ?? 0);
  return sum;
};
