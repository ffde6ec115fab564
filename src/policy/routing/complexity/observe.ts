/**
 * Decides: what one stretch of text shows of each kind of difficulty, as plain counts.
 * Never: weighs anything; every pattern is linear in the text.
 */
import { type Topic, topicsOf } from "./vocabulary.ts";

export type Observed = Readonly<Record<Topic, number>> & {
  readonly words: number;
  /** Lines that look like a program's; a fence counts like two. */
  readonly codeLines: number;
  readonly formulas: number;
  readonly questions: number;
  /** Lines that are items of a list. */
  readonly items: number;
  /** 0..1: the share of words outside the Latin alphabet. */
  readonly foreign: number;
};

const WORD = /[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*/gu;
const FENCE = /```/g;
const QUESTION = /[?？]/g;
// Of a trimmed line.
const CODE_LINE =
  /^(?:export|import|from|def|class|function|const|let|var|return|if|for|while|try|catch|public|private|async|await|SELECT|INSERT|UPDATE|#include|fn|func|package|using)\b.*[({;:=)]|[;{]$|^\}|=>/;
/** JSON, XML and tables are worked on, they do not make a programming task. */
const DATA_LINE = /^(?:[[{}\]]|"[^"]*"\s*:|<|\|)/;
const ITEM = /^(?:\d{1,2}[.)]|[-*•]|\([a-z\d]\))\s+\S/;
const FORMULA =
  /\\(?:frac|int|sum|sqrt|lim|alpha|beta|mathbb|begin)|[∑∫√∞≤≥∀∃∈ℝℤℕ⊂∪∩≡≠]|[\w)] ?\^ ?[\w({]|\b[a-z] ?= ?[-\w(]|\b\d{1,12} ?[-+*/=] ?\d/gi;

/** Chinese and Japanese put no spaces between words. */
const UNSPACED: readonly (readonly [RegExp, Topic])[] = [
  [/证明|証明|推导|分析|为什么|なぜ/g, "reasoning"],
  [/翻译|翻訳|总结|要約|转换/g, "routine"],
  [/你好|谢谢|こんにちは|ありがとう/g, "talk"],
];

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

type Words = { readonly topics: Record<Topic, number>; words: number; latin: number };

const readWords = (text: string): Words => {
  const topics = { code: 0, maths: 0, reasoning: 0, steps: 0, constraints: 0, routine: 0, talk: 0 };
  const read: Words = { topics, words: 0, latin: 0 };
  for (const [word] of text.matchAll(WORD)) {
    read.words += 1;
    if (word.charCodeAt(0) < 0x250) read.latin += 1;
    for (const topic of topicsOf(word.toLowerCase())) topics[topic] += 1;
  }
  if (read.latin < read.words) {
    for (const [pattern, topic] of UNSPACED) topics[topic] += count(text, pattern);
  }
  return read;
};

export const observe = (text: string): Observed => {
  const { topics, words, latin } = readWords(text);
  const lines = text.split("\n").map((line) => line.trim());
  const program = lines.filter((line) => CODE_LINE.test(line) && !DATA_LINE.test(line));
  return {
    ...topics,
    words,
    codeLines: program.length + count(text, FENCE),
    formulas: count(text, FORMULA),
    questions: count(text, QUESTION),
    items: lines.filter((line) => ITEM.test(line)).length,
    foreign: words === 0 ? 0 : 1 - latin / words,
  };
};
