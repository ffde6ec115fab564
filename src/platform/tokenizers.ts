/**
 * Decides: where the tokenizers' rank files lie – data modules of the Worker, read when first needed.
 * Never: counts; an isolate that nobody asks for a count never reads one. (docs/decisions/0012)
 */
import {
  createTokenizer,
  type Encoding,
  type LoadTokenizer,
  type Tokenizer,
} from "../policy/tokens/tokenizer.ts";

const FILES: Readonly<Record<Encoding, () => Promise<{ readonly default: ArrayBuffer }>>> = {
  o200k_base: () => import("../policy/tokens/o200k-base.bin"),
  cl100k_base: () => import("../policy/tokens/cl100k-base.bin"),
};

const loaded = new Map<Encoding, Promise<Tokenizer>>();

const load = async (encoding: Encoding): Promise<Tokenizer> =>
  createTokenizer(encoding, (await FILES[encoding]()).default);

/** The isolate's one tokenizer of an encoding. */
export const loadTokenizer: LoadTokenizer = (encoding) => {
  const tokenizer = loaded.get(encoding) ?? load(encoding);
  loaded.set(encoding, tokenizer);
  return tokenizer;
};
