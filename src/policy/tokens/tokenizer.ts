/**
 * Decides: how many tokens OpenAI's encodings make of a text, exactly but for pieces that no writing has.
 * Never: loads anything. The rank file is handed in, so that an isolate that counts nothing pays nothing.
 */
import { mergePiece } from "./merge.ts";
import { readRankTable } from "./rank-table.ts";

export type Encoding = "o200k_base" | "cl100k_base";

export type Tokenizer = {
  readonly encoding: Encoding;
  /** Token ids; marks of special tokens are text like any other. */
  encode(text: string): number[];
  count(text: string): number;
};

/** Gives the tokenizer of an encoding; the first call for one reads its rank file. */
export type LoadTokenizer = (encoding: Encoding) => Promise<Tokenizer>;

// What the encodings split text by before merging (openai/tiktoken, tiktoken_ext/openai_public.py), in
// JavaScript's words: there `\s` is Unicode's White_Space, and (?i:'s) also matches the long s.
const SPACE = String.raw`\p{White_Space}`;
const SUFFIX = "'(?:[sSſ]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])";
const UPPER = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const LOWER = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const LEAD = String.raw`[^\r\n\p{L}\p{N}]?`;
const TAIL = String.raw`${SPACE}*[\r\n]+|${SPACE}+(?!\P{White_Space})|${SPACE}+`;

const PATTERNS: Readonly<Record<Encoding, string>> = {
  o200k_base: String.raw`${LEAD}${UPPER}*${LOWER}+(?:${SUFFIX})?|${LEAD}${UPPER}+${LOWER}*(?:${SUFFIX})?|\p{N}{1,3}| ?[^${SPACE}\p{L}\p{N}]+[\r\n/]*|${TAIL}`,
  cl100k_base: String.raw`${SUFFIX}|${LEAD}\p{L}+|\p{N}{1,3}| ?[^${SPACE}\p{L}\p{N}]+[\r\n]*|${TAIL}`,
};

/** A UTF-16 unit is at most three bytes of UTF-8. */
const BYTES_PER_UNIT = 3;
const FIRST_BUFFER = 4_096;

/**
 * UTF-16 units. A piece has no border within: no writing has one of this length, but a caller chooses the text, and
 * merging takes some 40 bytes of memory for each byte of a piece. A longer one is merged in parts of this length, which
 * makes at most one token more of each.
 */
const LONGEST_PIECE = 65_536;

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;

/** No part ends within a character. */
const partsOf = function* (piece: string): Generator<string> {
  for (let at = 0; at < piece.length; ) {
    const end = Math.min(at + LONGEST_PIECE, piece.length);
    const next = isHighSurrogate(piece.charCodeAt(end - 1)) && end < piece.length ? end - 1 : end;
    yield piece.slice(at, next);
    at = next;
  }
};

/** `ranks`: the encoding's rank file, as scripts/tokenizer.ts writes it. About 15 ms for o200k_base. */
export const createTokenizer = (encoding: Encoding, ranks: ArrayBuffer): Tokenizer => {
  const table = readRankTable(ranks);
  const utf8 = new TextEncoder();
  let buffer = new Uint8Array(FIRST_BUFFER);

  const merged = (piece: string): number[] => {
    if (piece.length * BYTES_PER_UNIT > buffer.length) {
      buffer = new Uint8Array(piece.length * BYTES_PER_UNIT);
    }
    return mergePiece(buffer, utf8.encodeInto(piece, buffer).written, table);
  };

  const pieces = function* (text: string): Generator<number[]> {
    const pattern = new RegExp(PATTERNS[encoding], "gu");
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const [piece] = match;
      if (piece.length <= LONGEST_PIECE) yield merged(piece);
      else for (const part of partsOf(piece)) yield merged(part);
    }
  };

  return {
    encoding,
    encode(text) {
      const ids: number[] = [];
      for (const piece of pieces(text)) for (const id of piece) ids.push(id);
      return ids;
    },
    count(text) {
      let count = 0;
      for (const piece of pieces(text)) count += piece.length;
      return count;
    },
  };
};
