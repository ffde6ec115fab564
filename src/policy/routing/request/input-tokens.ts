/**
 * Decides: about how many tokens a request's input has, from a sample of bounded size.
 * Never: is exact, or a bound. Balanced holds are made of it (limits/hold.ts), and what a provider did not count is not:
 * that is tokens/estimate.ts.
 */
import { roughCount } from "../../tokens/rough-count.ts";
import type { Gist } from "./gist.ts";

/** Characters of one text that are looked at, half from each end, and of all texts together. */
const MOST_OF_ONE = 4_096;
const MOST_OF_ALL = 32_768;
/** English prose; for a request of which nothing was sampled. */
const CHARACTERS_A_TOKEN = 4;
/** The usual case, as in policy/tokens/weights.ts: a message's frame, a photo, a PDF of a few pages. */
const MESSAGE = 4;
const IMAGE = 1_000;
const FILE = 4_500;
/** Speech at 64 kbit/s and 32 tokens a second. */
const AUDIO_CHARACTERS_A_TOKEN = 333;

type Sampled = { characters: number; tokens: number };

const sample = (text: string, into: Sampled): void => {
  const pieces =
    text.length <= MOST_OF_ONE
      ? [text]
      : [text.slice(0, MOST_OF_ONE / 2), text.slice(-MOST_OF_ONE / 2)];
  for (const piece of pieces) {
    into.characters += piece.length;
    into.tokens += roughCount(piece);
  }
};

/** What does not stand in the texts. */
const aroundTexts = (gist: Gist): number =>
  gist.turns.length * MESSAGE +
  gist.images * IMAGE +
  gist.files * FILE +
  gist.audio / AUDIO_CHARACTERS_A_TOKEN;

const charactersOf = (gist: Gist): number =>
  gist.turns.reduce(
    (sum, { texts }) => texts.reduce((all, text) => all + text.length, sum),
    gist.schema,
  );

/** No tokenizer in use makes more of ordinary writing: two tokens of a Chinese character. */
const MOST_TOKENS_A_CHARACTER = 2;

export const mostInputOf = (gist: Gist): number =>
  Math.ceil(charactersOf(gist) * MOST_TOKENS_A_CHARACTER + aroundTexts(gist));

export const inputTokensOf = (gist: Gist): number => {
  const sampled: Sampled = { characters: 0, tokens: 0 };
  for (const { texts } of gist.turns) {
    for (const text of texts) if (sampled.characters < MOST_OF_ALL) sample(text, sampled);
  }
  const perCharacter =
    sampled.characters === 0 ? 1 / CHARACTERS_A_TOKEN : sampled.tokens / sampled.characters;
  return Math.ceil(charactersOf(gist) * perCharacter + aroundTexts(gist));
};
