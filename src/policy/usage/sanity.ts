/**
 * Decides: whether what a provider reported can be true, and what is charged where it cannot. (faults.md F20)
 * Never: touches an explicit zero, and never counts; our own counts come in with the question.
 */
import { totalInput, type Usage } from "../../domain/usage.ts";

/** What the gateway itself knows of the call, in tokens. */
export type Expected = {
  /** Our count of the input. */
  readonly inputEstimate: number;
  /** Our count of what was delivered; undefined where a call has no output (embeddings). */
  readonly outputEstimate: number | undefined;
  /** What was held for it, or would have been. */
  readonly inputCap: number;
  readonly outputCap: number;
};

export type CheckedUsage = {
  readonly usage: Usage;
  /** A figure is ours and not the provider's. */
  readonly estimated: boolean;
  /** Fields that were reported and could not be true: rejected or cut. An operator wants to know. */
  readonly suspect: readonly (keyof Usage)[];
};

/** A report above so many times what was held is taken for a mistake, and cut there. */
export const ABSURD = 10;

type Side = "input" | "output" | "count";

const SIDES: Readonly<Record<keyof Usage, Side>> = {
  input_tokens: "input",
  cache_read_tokens: "input",
  cache_write_5m_tokens: "input",
  cache_write_1h_tokens: "input",
  audio_input_tokens: "input",
  output_tokens: "output",
  reasoning_tokens: "output",
  audio_output_tokens: "output",
  images: "count",
};

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/**
 * Usage that can be charged. Missing and impossible (negative, broken) figures of input and output are
 * replaced by our own counts; absurdly large ones are cut to ten times what was held.
 */
export const saneUsage = (reported: Usage | undefined, expected: Expected): CheckedUsage => {
  const limits: Readonly<Record<Side, number>> = {
    input: ABSURD * expected.inputCap,
    output: ABSURD * expected.outputCap,
    count: Number.MAX_SAFE_INTEGER,
  };
  const kept: { -readonly [Field in keyof Usage]: number } = {};
  const suspect: (keyof Usage)[] = [];
  for (const field of Object.keys(SIDES) as (keyof Usage)[]) {
    const value = reported?.[field];
    if (value === undefined) continue;
    const limit = limits[SIDES[field]];
    if (!isCount(value) || value > limit) suspect.push(field);
    if (isCount(value)) kept[field] = Math.min(value, limit);
  }
  let estimated = suspect.some((field) => kept[field] !== undefined);
  if (kept.input_tokens === undefined) {
    kept.input_tokens = Math.max(0, expected.inputEstimate - totalInput(kept));
    estimated = true;
  }
  if (kept.output_tokens === undefined && expected.outputEstimate !== undefined) {
    kept.output_tokens = expected.outputEstimate;
    estimated = true;
  }
  return { usage: kept, estimated, suspect };
};
