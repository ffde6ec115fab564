/**
 * Decides: what a model's calls have lately come to, against what was expected of them: how long its
 * answers are, and how far its input is from the estimate.
 * Never: bounds anything; strict limits do not ask it.
 */
import { type Histogram, quantileOf, type Scale, totalOf, withValue } from "./log-histogram.ts";

/** Of one model, as JSON below a kilobyte. */
export type LearnedSizes = { readonly output: Histogram; readonly ratio: Histogram };

/** What a call came to. Whole tokens; undefined where the provider did not say, or nobody estimated. */
export type SizeSample = {
  readonly output: number | undefined;
  readonly answers: number;
  readonly input: number | undefined;
  readonly estimate: number | undefined;
};

/** What to expect of the next one: tokens of an answer, input over its estimate; undefined: not known yet. */
export type Expectation = {
  readonly output: number | undefined;
  readonly inputRatio: number | undefined;
};

export const NOTHING_LEARNED: LearnedSizes = { output: [], ratio: [] };
export const NO_EXPECTATION: Expectation = { output: undefined, inputRatio: undefined };

/** Tokens: 1 to 1.5 million, each step a quarter more. */
export const OUTPUT_SCALE: Scale = { least: 1, factor: 1.25, steps: 64 };
/** 0.2 to 10, each step a twentieth more. */
export const RATIO_SCALE: Scale = { least: 0.2, factor: 1.05, steps: 81 };

/** What all but one in twenty do not exceed: their overruns are what a balanced budget may be passed by. */
const SHARE = 0.95;

/** Fewer samples say nothing of one in twenty. */
const ENOUGH = 20;

const isCount = (value: number | undefined): value is number =>
  value !== undefined && Number.isFinite(value) && value >= 0;

export const learn = (state: LearnedSizes, sample: SizeSample): LearnedSizes => {
  const { output, answers, input, estimate } = sample;
  const known = isCount(input) && isCount(estimate) && input > 0 && estimate > 0;
  return {
    output: isCount(output)
      ? withValue(state.output, Math.max(1, output / Math.max(1, answers)), OUTPUT_SCALE)
      : state.output,
    ratio: known ? withValue(state.ratio, input / estimate, RATIO_SCALE) : state.ratio,
  };
};

const expected = (histogram: Histogram, scale: Scale): number | undefined =>
  totalOf(histogram) < ENOUGH ? undefined : quantileOf(histogram, SHARE, scale);

export const expectationOf = ({ output, ratio }: LearnedSizes): Expectation => {
  const tokens = expected(output, OUTPUT_SCALE);
  return {
    output: tokens === undefined ? undefined : Math.ceil(tokens),
    inputRatio: expected(ratio, RATIO_SCALE),
  };
};
