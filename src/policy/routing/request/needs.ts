/**
 * Decides: what a model must be able to do for a request: abilities, room for input and output.
 * Never: reads message texts beyond a sample.
 */
import type { Capability } from "../../../domain/target.ts";
import type { Gist } from "./gist.ts";
import { inputTokensOf, mostInputOf } from "./input-tokens.ts";

export type Needs = {
  /** Each with the field of the body that asks for it. */
  readonly capabilities: ReadonlyMap<Capability, string>;
  /** Tokens, estimated from a sample when somebody first asks. */
  readonly inputTokens: () => number;
  /** Tokens that the input surely does not exceed, known without looking at the texts. */
  readonly mostInput: number;
  /** Tokens; undefined where the caller set no cap. */
  readonly outputCap: number | undefined;
};

/** Linear in the body's structure, bounded in its texts. */
export const needsFrom = (gist: Gist): Needs => {
  let tokens: number | undefined;
  return {
    capabilities: gist.needs,
    inputTokens: () => {
      tokens ??= inputTokensOf(gist);
      return tokens;
    },
    mostInput: mostInputOf(gist),
    outputCap: gist.outputCap,
  };
};
