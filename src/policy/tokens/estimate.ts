/**
 * Decides: how many tokens a request or a text will be counted as, before or without the provider's count.
 * Never: bounds; what must not be exceeded is upper-bound.ts.
 */
import type { ChatRequest } from "../../domain/chat.ts";
import type { Family } from "./families.ts";
import { type Amounts, outline } from "./outline.ts";
import { roughCount } from "./rough-count.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { WEIGHTS } from "./weights.ts";

/**
 * Whole tokens of input, cached or not. With the tokenizer of `encodingOf(model)`: OpenAI and Anthropic
 * text requests within 0.8 to 1.3 of the truth (p10–p90, `npm run eval -- tokens`); without one the
 * texts are counted roughly, in one pass and without waiting.
 */
export const estimateInput = (
  request: ChatRequest,
  family: Family,
  tokenizer?: Tokenizer,
): number => {
  const amounts = outline(request, tokenizer?.count ?? roughCount);
  const weights = WEIGHTS[family];
  const names = Object.keys(amounts) as (keyof Amounts)[];
  return Math.ceil(names.reduce((sum, name) => sum + amounts[name] * weights[name], 0));
};

/** Whole tokens of a bare text: an answer whose usage nobody reported, an embedding's input. */
export const countText = (text: string, family: Family, tokenizer?: Tokenizer): number =>
  Math.ceil((tokenizer?.count ?? roughCount)(text) * WEIGHTS[family].text);
