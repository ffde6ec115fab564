/**
 * Decides: how tests and evaluations in plain Node come by a tokenizer.
 * Never: is used by the Worker, which reads its own data modules (platform/tokenizers.ts).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodingOf } from "../../src/policy/tokens/families.ts";
import {
  createTokenizer,
  type Encoding,
  type Tokenizer,
} from "../../src/policy/tokens/tokenizer.ts";

const FOLDER = join(import.meta.dirname, "../../src/policy/tokens");

const read = (encoding: Encoding): Tokenizer => {
  const file = readFileSync(join(FOLDER, `${encoding.replaceAll("_", "-")}.bin`));
  return createTokenizer(encoding, new Uint8Array(file).buffer);
};

const known = new Map<Encoding, Tokenizer>();

export const tokenizerFor = (encoding: Encoding): Tokenizer => {
  const tokenizer = known.get(encoding) ?? read(encoding);
  known.set(encoding, tokenizer);
  return tokenizer;
};

/** The one that the model's prompts are counted with. */
export const tokenizerOf = (model: string): Tokenizer => tokenizerFor(encodingOf(model));
