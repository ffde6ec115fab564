/**
 * Decides: which embedders are at hand without a network: the built-in one, and a real model's weights from a package.
 * Never: asks a provider, or keeps vectors beyond the run.
 */
import { cosineOf, embedLexically } from "../src/policy/cache/semantic/embed.ts";
import { encode } from "../test/support/sentence-encoder.ts";

export type Embedder = {
  readonly name: string;
  /** Of length 1. */
  vectorOf(turn: string): Float32Array;
};

/** Turns come again in every table. */
const remembered = (embed: (turn: string) => Float32Array): ((turn: string) => Float32Array) => {
  const vectors = new Map<string, Float32Array>();
  return (turn) => {
    const vector = vectors.get(turn) ?? embed(turn);
    vectors.set(turn, vector);
    return vector;
  };
};

export const LEXICAL: Embedder = { name: "lexical", vectorOf: remembered(embedLexically) };

/** Knows these turns and no others. Sentences of a length are encoded together: that is quicker. */
export const encoderFor = async (turns: Iterable<string>): Promise<Embedder> => {
  const sorted = [...new Set(turns)].toSorted((a, b) => a.length - b.length);
  const encoded = await encode(sorted);
  const vectors = new Map(sorted.map((turn, at) => [turn, encoded[at]?.vector]));
  return {
    name: "encoder",
    vectorOf: (turn) => {
      const vector = vectors.get(turn);
      if (vector === undefined) throw new Error(`not encoded: ${turn}`);
      return vector;
    },
  };
};

export const likenessBy =
  ({ vectorOf }: Embedder) =>
  ({ a, b }: { readonly a: string; readonly b: string }): number =>
    cosineOf(vectorOf(a), vectorOf(b));
