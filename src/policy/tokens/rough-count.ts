/**
 * Decides: about how many tokens a text is, in one pass and without a tokenizer.
 * Never: is exact, and never a bound. The figures are fitted to o200k_base; `npm run eval -- tokens` holds them
 * against recorded traffic.
 */

/** A word of up to this many letters is one token; longer ones break about every so many letters. */
const WHOLE_WORD = 7;
const WORD_STEP = 4.5;
const DIGITS = 3;
/** Tokens a character: accented Latin, Greek, Cyrillic, Arabic, Indic … and East Asian scripts, emoji. */
const ALPHABETIC = 0.42;
const EAST_ASIAN = 0.8;

type Kind = "lower" | "upper" | "digit" | "space" | "newline" | "mark" | "alphabetic" | "asian";

const kindOf = (code: number): Kind => {
  if (code >= 0x61 && code <= 0x7a) return "lower";
  if (code >= 0x41 && code <= 0x5a) return "upper";
  if (code >= 0x30 && code <= 0x39) return "digit";
  if (code === 0x20 || code === 0x09) return "space";
  if (code === 0x0a || code === 0x0d) return "newline";
  if (code < 0x80) return "mark";
  return code < 0x2000 ? "alphabetic" : "asian";
};

const word = (length: number): number =>
  length <= WHOLE_WORD ? 1 : 1 + (length - WHOLE_WORD) / WORD_STEP;

/** One mark often joins the word that follows it; runs of marks are merged by twos and threes. */
const marks = (length: number): number => Math.max(0.8, length / 2.8);

/** Tokens of a run of `length` characters of one kind. A single space belongs to what follows it. */
const TOKENS: Readonly<Record<Kind, (length: number) => number>> = {
  lower: word,
  upper: (length) => Math.max(1, length / 2.5),
  digit: (length) => Math.ceil(length / DIGITS),
  space: (length) => (length === 1 ? 0 : 1 + Math.floor(length / 16)),
  newline: () => 1,
  mark: marks,
  alphabetic: (length) => length * ALPHABETIC,
  asian: (length) => length * EAST_ASIAN,
};

/** Tokens, about. Linear in the text, a few nanoseconds a character. */
export const roughCount = (text: string): number => {
  let tokens = 0;
  let kind: Kind = "space";
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const next = kindOf(text.charCodeAt(at));
    // "Word" is one piece: a capital carries the small letters after it.
    const carries = next === "lower" && kind === "upper" && length === 1;
    if (next !== kind && !carries) {
      if (length > 0) tokens += TOKENS[kind](length);
      length = 0;
    }
    kind = next;
    length++;
  }
  return Math.round(tokens + (length > 0 ? TOKENS[kind](length) : 0));
};
