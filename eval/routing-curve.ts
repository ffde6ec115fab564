/**
 * Decides: what a ranking of questions is worth: the gain kept at each share of calls to the strong model.
 * Never: breaks ties by the answer; equal scores stand in the order of a fixed shuffle.
 */
import type { Example } from "./routing-data.ts";

/** `at(share)`: of the strong model's gain over the weak one, the part that is kept; 1 is all of it. */
export type Curve = {
  readonly at: (share: number) => number;
  /** The mean over all shares; random routing has 0.5. */
  readonly mean: number;
  /** The least distance above random routing, over the shares from 5 to 95 %. */
  readonly aboveRandom: number;
};

/** A number for each place, without pattern and the same in every run. */
const shuffled = (place: number): number => Math.imul(place + 1, 0x9e3779b1) >>> 0;

export const curveOf = (examples: readonly Example[], scores: readonly number[]): Curve => {
  const order = examples
    .map((example, place) => ({ example, score: scores[place] ?? 0, lot: shuffled(place) }))
    .sort((a, b) => b.score - a.score || a.lot - b.lot);
  const total = examples.reduce((sum, { gain }) => sum + gain, 0);
  let kept = 0;
  const curve = [0];
  for (const { example } of order) {
    kept += example.gain;
    curve.push(kept / total);
  }
  const at = (share: number): number => curve[Math.round(share * examples.length)] ?? Number.NaN;
  const places = Array.from({ length: 91 }, (_, index) => (index + 5) / 100);
  return {
    at,
    mean: curve.reduce((sum, value) => sum + value, 0) / curve.length,
    aboveRandom: Math.min(...places.map((share) => at(share) - share)),
  };
};
