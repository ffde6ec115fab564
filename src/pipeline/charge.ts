/**
 * Decides: what an attempt is charged once its end is known: what the provider reported where that can be
 * true, else our own count of what went in and came out (faults.md F4, F14, F20, F29).
 * Never: counts anything where the provider's figures are whole.
 */
import type { Target } from "../domain/target.ts";
import { totalInput, type Usage } from "../domain/usage.ts";
import type { Sizes } from "../policy/limits/sizes.ts";
import { countText } from "../policy/tokens/estimate.ts";
import { familyOf } from "../policy/tokens/families.ts";
import { type CheckedUsage, saneUsage } from "../policy/usage/sanity.ts";

/** Tokens. No model writes more in one answer; a report beyond ten times this is a mistake. */
const LONGEST_OUTPUT = 200_000;

/** An input has at most one token a byte and a frame round it, unless it holds media. */
const FRAME = 4_096;

const isWhole = (value: number | undefined): value is number =>
  value !== undefined && Number.isSafeInteger(value) && value >= 0;

/** Figures that need no second look: both there, and neither larger than the request explains. */
const isPlain = (usage: Usage, bytes: number, most: number): boolean =>
  isWhole(usage.input_tokens) &&
  isWhole(usage.output_tokens) &&
  totalInput(usage) <= bytes + FRAME &&
  usage.output_tokens <= most &&
  Object.values(usage).every((value) => isWhole(value));

export type Charging = {
  readonly target: Target;
  readonly sizes: Sizes;
  /** Of the request's body. */
  readonly bytes: number;
  /** The call has no output (embeddings). */
  readonly isInputOnly: boolean;
  readonly reported: Usage | undefined;
  /** What was said, where somebody has to count it. */
  readonly said: () => string;
};

export const charged = (charging: Charging): CheckedUsage => {
  const { target, sizes, bytes, isInputOnly, reported, said } = charging;
  const outputCap = (target.maxOutput ?? LONGEST_OUTPUT) * sizes.output().answers;
  if (reported !== undefined && isPlain(reported, bytes, outputCap)) {
    return { usage: reported, estimated: false, suspect: [] };
  }
  const inputEstimate = sizes.estimate();
  const family = familyOf(target.kind, target.upstream);
  const counts = !isInputOnly && !isWhole(reported?.output_tokens);
  return saneUsage(reported, {
    inputEstimate,
    outputEstimate: counts ? countText(said(), family) : undefined,
    inputCap: Math.max(inputEstimate, FRAME),
    outputCap,
  });
};
