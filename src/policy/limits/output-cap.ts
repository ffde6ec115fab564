/**
 * Decides: the cap on one answer that has to stand in the request as it goes to a target.
 * Never: lowers a cap that the caller stated to fit a limit; only to what the model can write at all.
 */
import type { Target } from "../../domain/target.ts";
import type { Sizes } from "./sizes.ts";

/** The estimate of an input may be so much too low: nine in ten are nearer (`npm run eval -- tokens`). */
const ESTIMATE_MARGIN = 1.3;

/** Tokens that an answer gets where the estimate leaves none: then the provider knows better. */
const LEAST_ROOM = 1_024;

/** What the context leaves beside the input. */
const roomIn = (context: number, estimate: number): number =>
  Math.min(context, Math.max(LEAST_ROOM, context - Math.ceil(estimate * ESTIMATE_MARGIN)));

/**
 * Tokens. A stated cap is not measured against the rest of the context: an estimate that is too high
 * would cut an answer short that was ordered. Undefined where nobody knows how long an answer may be.
 */
export const outputCapFor = (target: Target, sizes: Sizes): number | undefined => {
  const { maxOutput, context } = target;
  const stated = sizes.output().cap;
  if (stated !== undefined) {
    return Math.min(stated, maxOutput ?? stated, context ?? stated);
  }
  if (context === undefined) return maxOutput;
  if (maxOutput !== undefined && maxOutput + sizes.most() <= context) return maxOutput;
  return Math.min(maxOutput ?? context, roomIn(context, sizes.estimate()));
};
