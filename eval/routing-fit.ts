/**
 * Decides: the learned table: ridge regression of the gain on hashed words and letter groups.
 * Never: sees an example that it is judged on; whoever judges hands in the others only.
 */
import { BUCKETS, gramsOf, type Weighted } from "../src/policy/routing/complexity/grams.ts";
import type { Example } from "./routing-data.ts";

/** From a grid of 8, 15 and 40 by cross-validation: the curves differ by less than their noise. */
const RIDGE = 15;
const STEPS = 60;

export type Row = { readonly example: Example; readonly grams: Weighted };

export const rowsOf = (examples: readonly Example[]): readonly Row[] =>
  examples.map((example) => ({ example, grams: gramsOf(example.prompt) }));

const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

const project = (rows: readonly Row[], table: Float64Array): Float64Array =>
  Float64Array.from(rows, ({ grams }) => predict(table, grams));

const gather = (rows: readonly Row[], amounts: Float64Array): Float64Array => {
  const table = new Float64Array(BUCKETS);
  rows.forEach(({ grams }, row) => {
    const amount = amounts[row] ?? 0;
    grams.buckets.forEach((bucket, at) => {
      table[bucket] = (table[bucket] ?? 0) + amount * (grams.values[at] ?? 0);
    });
  });
  return table;
};

/** The gains with each set's mean taken off: which set a question is from is nothing to learn. */
const centred = (rows: readonly Row[]): Float64Array => {
  const bySet = Map.groupBy(rows, ({ example }) => example.set);
  const means = new Map(
    [...bySet].map(([set, of]) => [
      set,
      of.reduce((sum, { example }) => sum + example.gain, 0) / of.length,
    ]),
  );
  return Float64Array.from(rows, ({ example }) => example.gain - (means.get(example.set) ?? 0));
};

export const predict = (table: Float64Array, { buckets, values }: Weighted): number =>
  buckets.reduce((sum, bucket, at) => sum + (table[bucket] ?? 0) * (values[at] ?? 0), 0);

/** Conjugate gradients on (XᵀX + ridge·I) w = Xᵀy. */
export const ridge = (rows: readonly Row[]): Float64Array => {
  const weights = new Float64Array(BUCKETS);
  const rest = gather(rows, centred(rows));
  const direction = rest.slice();
  let error = dot(rest, rest);
  for (let step = 0; step < STEPS; step++) {
    const image = gather(rows, project(rows, direction)).map(
      (value, at) => value + RIDGE * (direction[at] ?? 0),
    );
    const length = error / dot(direction, image);
    for (let at = 0; at < BUCKETS; at++) {
      weights[at] = (weights[at] ?? 0) + length * (direction[at] ?? 0);
      rest[at] = (rest[at] ?? 0) - length * (image[at] ?? 0);
    }
    const next = dot(rest, rest);
    for (let at = 0; at < BUCKETS; at++) {
      direction[at] = (rest[at] ?? 0) + (next / error) * (direction[at] ?? 0);
    }
    error = next;
  }
  return weights;
};
