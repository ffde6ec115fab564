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

const loaded = new Map<Encoding, Tokenizer>();

/** The isolate's one tokenizer of an encoding. */
export const loadTokenizer: LoadTokenizer = async (encoding) => {
  const known = loaded.get(encoding);
  if (known !== undefined) return known;
  // Nobody waits for what another request loads: that one may be gone, or have failed.
  const { default: ranks } = await FILES[encoding]();
  const tokenizer = loaded.get(encoding) ?? createTokenizer(encoding, ranks);
  loaded.set(encoding, tokenizer);
  return tokenizer;
};
