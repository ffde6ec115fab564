/**
 * Decides: how a vector is kept in a quarter of its size, for the first look through an index.
 * Never: is the last word: the best of them are ranked again by their full numbers.
 */

export type Quantised = {
  readonly numbers: Int8Array;
  /** What one step of a number is worth. */
  readonly step: number;
};

/** A vector that is compared with many: where it is not zero, and what stands there. */
export type Probe = {
  readonly places: Uint16Array;
  readonly numbers: Int8Array;
};

const LEVELS = 127;

/** At most 65,536 numbers. */
export const quantise = (vector: Float32Array): Quantised => {
  let largest = 0;
  for (const value of vector) largest = Math.max(largest, Math.abs(value));
  const step = largest / LEVELS;
  const numbers = new Int8Array(vector.length);
  for (let at = 0; step > 0 && at < vector.length; at++) {
    numbers[at] = Math.round((vector[at] ?? 0) / step);
  }
  return { numbers, step };
};

/** Lexical vectors are mostly zeros: a short question touches one number in five. */
export const probeOf = ({ numbers }: Quantised): Probe => {
  const places = Uint16Array.from(numbers.keys()).filter((at) => numbers[at] !== 0);
  return { places, numbers: Int8Array.from(places, (at) => numbers[at] ?? 0) };
};
