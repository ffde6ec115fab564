/**
 * Decides: into which buckets of the learned table a text falls, and how heavily.
 * Never: reads more than its bounded beginning and end; the table was fitted to texts cut the same way.
 */
import { shapeOf } from "./shape.ts";

/** A power of two. With int8 weights the table is this many bytes. */
export const BUCKETS = 8_192;

const MOST = 4_000;
const GRAM = 5;
const PRIME = 0x01000193;
/** Where the hashes of whole words begin, apart from those of grams. */
const WORD_SEED = 0x2f0b4c47;
const GRAM_SEED = 0x811c9dc5;
/** Sums in words have buckets of their own: apples make no sum hard, but may make a question of botany so. */
const STORY_SEED = 0x51ed270b;

/** Length has one bucket of its own: about −0.5 for a line, 1 for a page. */
const LENGTH_SEED = 0x3c6ef372;
const sizeOf = (text: string): number => (Math.log1p(text.length) - 5.5) / 2;

const LETTERS = /[a-z]+|\d|[^\sa-z\d]/g;

const bucket = (hash: number): number => (hash ^ (hash >>> 15)) & (BUCKETS - 1);

export type Weighted = { readonly buckets: readonly number[]; readonly values: readonly number[] };

/** Buckets with the logarithm of their count, the whole scaled to length 1: a long text is not a loud one. */
export const gramsOf = (whole: string): Weighted => {
  const cut = whole.length <= MOST ? whole : whole.slice(0, MOST / 2) + whole.slice(-MOST / 2);
  const text = cut.toLowerCase();
  const salt = shapeOf(whole) === "story" ? STORY_SEED : 0;
  const counts = new Uint16Array(BUCKETS);
  const touched: number[] = [];
  const add = (hash: number): void => {
    const at = bucket(hash);
    if (counts[at] === 0) touched.push(at);
    counts[at] = (counts[at] ?? 0) + 1;
  };
  for (let at = 0; at + GRAM <= text.length; at++) {
    let hash = GRAM_SEED ^ salt;
    for (let i = at; i < at + GRAM; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
    add(hash);
  }
  for (const [word] of text.matchAll(LETTERS)) {
    let hash = WORD_SEED ^ salt;
    for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), PRIME);
    add(hash);
  }
  const logs = touched.map((at) => Math.log1p(counts[at] ?? 0));
  const norm = Math.sqrt(logs.reduce((sum, value) => sum + value * value, 0)) || 1;
  return {
    buckets: [...touched, bucket(LENGTH_SEED ^ salt)],
    values: [...logs.map((value) => value / norm), sizeOf(text)],
  };
};
