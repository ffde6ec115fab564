/**
 * Decides: how many tokens a request or a text will be counted as, before or without the provider's count.
 * Never: bounds; what must not be exceeded is upper-bound.ts.
 */
import type { ChatRequest } from "../../domain/chat.ts";
import type { Family } from "./families.ts";
import { type Amounts, type CountText, outline } from "./outline.ts";
import { roughCount } from "./rough-count.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { WEIGHTS } from "./weights.ts";

/**
 * Characters of all texts of a request that a tokenizer is given. What no writing looks like takes it half a microsecond
 * a character, and a caller chooses the text: an isolate would serve nobody else for ten seconds.
 */
const MOST_EXACT = 1_000_000;

/** As exact as is affordable: a text that goes beyond it is counted roughly. */
const counting = (tokenizer: Tokenizer | undefined): CountText => {
  let left = MOST_EXACT;
  return (text) => {
    if (tokenizer === undefined || text.length > left) return roughCount(text);
    left -= text.length;
    return tokenizer.count(text);
  };
};

/**
 * Whole tokens of input, cached or not. With the tokenizer of `encodingOf(model)`: OpenAI and Anthropic
 * text requests within 0.8 to 1.3 of the truth (p10–p90, `npm run eval -- tokens`); without one, or where there is
 * very much of them, the texts are counted roughly, in one pass and without waiting.
 */
export const estimateInput = (
  request: ChatRequest,
  family: Family,
  tokenizer?: Tokenizer,
): number => {
  const amounts = outline(request, counting(tokenizer));
  const weights = WEIGHTS[family];
  const names = Object.keys(amounts) as (keyof Amounts)[];
  return Math.ceil(names.reduce((sum, name) => sum + amounts[name] * weights[name], 0));
};

/** Whole tokens of a bare text: an answer whose usage nobody reported, an embedding's input. */
export const countText = (text: string, family: Family, tokenizer?: Tokenizer): number =>
  Math.ceil((tokenizer?.count ?? roughCount)(text) * WEIGHTS[family].text);
