/**
 * Decides: what the average of recent samples is: each counts less the older it is (EWMA, 30 seconds).
 * Never: depends on how samples were put together: ten at once weigh as ten one by one.
 */

/** After this time a sample weighs 1/e of what it did. */
const TIME_CONSTANT_MS = 30_000;

export type Average = {
  readonly sum: number;
  readonly weight: number;
  /** Milliseconds since the epoch for which sum and weight hold. */
  readonly at: number;
};

export type Samples = { readonly sum: number; readonly count: number };

export const NO_AVERAGE: Average = { sum: 0, weight: 0, at: 0 };
export const NO_SAMPLES: Samples = { sum: 0, count: 0 };

const fading = ({ at }: Average, now: number): number => Math.exp((at - now) / TIME_CONSTANT_MS);

/** `now` is in milliseconds and never before that of an earlier call. */
export const averaged = (average: Average, now: number, samples: Samples): Average => {
  if (samples.count === 0) return average;
  const kept = fading(average, now);
  return {
    sum: average.sum * kept + samples.sum,
    weight: average.weight * kept + samples.count,
    at: now,
  };
};

/** Undefined before the first sample. */
export const averageOf = ({ sum, weight }: Average): number | undefined =>
  weight > 0 ? sum / weight : undefined;
