/**
 * Decides: how tests and evaluations in plain Node come by a tokenizer.
 * Never: is used by the Worker, which reads its own data modules (platform/tokenizers.ts).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  createTokenizer,
  type Encoding,
  type Tokenizer,
} from "../../src/policy/tokens/tokenizer.ts";

const FOLDER = join(import.meta.dirname, "../../src/policy/tokens");

export const tokenizerFor = (encoding: Encoding): Tokenizer => {
  const file = readFileSync(join(FOLDER, `${encoding.replaceAll("_", "-")}.bin`));
  return createTokenizer(encoding, new Uint8Array(file).buffer);
};
