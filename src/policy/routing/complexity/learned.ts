/**
 * Decides: how much a strong model gained over a weak one on questions worded like this.
 * Never: weighs much: it was fitted to examination questions, and says about 0 of everything else.
 */
import { gramsOf } from "./grams.ts";
import table from "./weights.json" with { type: "json" };

/** Read when somebody first asks: a gateway without such a route never decodes it. */
let weights: Int8Array | undefined;

const read = (): Int8Array => {
  const bytes = atob(table.weights);
  const read = new Int8Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) read[at] = bytes.charCodeAt(at);
  return read;
};

/** −1 to 1; 0 is an ordinary question. Linear in the text, which is cut to a bounded length first. */
export const learnedOf = (text: string): number => {
  if (text === "") return 0;
  weights ??= read();
  const { buckets, values } = gramsOf(text);
  let sum = 0;
  buckets.forEach((bucket, index) => {
    sum += (weights?.[bucket] ?? 0) * (values[index] ?? 0);
  });
  return Math.max(-1, Math.min(1, sum * table.scale));
};
