/**
 * Decides: what an attempt is charged once its end is known: what the provider reported where that can be
 * true, else our own count of what went in and came out (faults.md F4, F14, F20, F29). Of an answer that broke
 * off a provider has told too little: Anthropic's streams begin with one token of output.
 * Never: counts anything where the provider's figures are whole.
 */
import type { Target } from "../domain/target.ts";
import { totalInput, type Usage } from "../domain/usage.ts";
import type { Sizes } from "../policy/limits/sizes.ts";
import { countText } from "../policy/tokens/estimate.ts";
import { type Family, familyOf } from "../policy/tokens/families.ts";
import { ABSURD, type CheckedUsage, saneUsage } from "../policy/usage/sanity.ts";
import type { Heard } from "./heard.ts";

/** Tokens. No model writes more in one answer; a report beyond ten times this is a mistake. */
const LONGEST_OUTPUT = 200_000;

/** Tokens. Where a body may stand for more than it holds – files, searches – and the model's context is unknown. */
const LONGEST_INPUT = 1_000_000;

/** An input has at most one token a byte and a frame round it, unless it holds media. */
const FRAME = 4_096;

const isCount = (value: number | undefined): value is number =>
  value !== undefined && Number.isSafeInteger(value) && value >= 0;

/** Figures that need no second look: both there, and neither larger than the request explains. */
const isPlain = (usage: Usage, bytes: number, most: number): boolean =>
  isCount(usage.input_tokens) &&
  isCount(usage.output_tokens) &&
  totalInput(usage) <= bytes + FRAME &&
  usage.output_tokens <= most &&
  Object.values(usage).every((value) => isCount(value));

type Charging = {
  readonly target: Target;
  readonly sizes: Sizes;
  /** Of the request's body. */
  readonly bytes: number;
  /** The call has no output (embeddings). */
  readonly isInputOnly: boolean;
  readonly heard: Heard;
};

/**
 * A conversation in text is not read with more than was sent, though what fits into the model's known context is
 * taken at its word; a provider's own tools may read on and on.
 */
const longestInput = (target: Target, sizes: Sizes): number =>
  sizes.looseBound(target) === undefined
    ? (target.context ?? LONGEST_INPUT)
    : Math.max(FRAME, (target.context ?? 0) / ABSURD);

const countOf = ({ said, events }: Heard, family: Family): number => {
  const text = said();
  return text === undefined ? events : countText(text, family);
};

/** Tokens. `estimated`: some are our own count. `suspect`: the reported figures that cannot be true. */
export const charged = (charging: Charging): CheckedUsage => {
  const { target, sizes, bytes, isInputOnly, heard } = charging;
  const { reported, isWhole } = heard;
  const outputCap = (target.maxOutput ?? LONGEST_OUTPUT) * sizes.output().answers;
  if (reported !== undefined && isWhole && isPlain(reported, bytes, outputCap)) {
    return { usage: reported, estimated: false, suspect: [] };
  }
  const inputEstimate = sizes.estimate();
  const family = familyOf(target.kind, target.upstream);
  const counts = !isInputOnly && !(isWhole && isCount(reported?.output_tokens));
  const counted = counts ? countOf(heard, family) : undefined;
  const checked = saneUsage(reported, {
    inputEstimate,
    outputEstimate: counted,
    inputCap: Math.max(inputEstimate, longestInput(target, sizes)),
    outputCap,
  });
  if (isWhole || counted === undefined) return checked;
  const output = Math.max(checked.usage.output_tokens ?? 0, counted);
  return { ...checked, usage: { ...checked.usage, output_tokens: output }, estimated: true };
};
