/**
 * Decides: who would answer this very request for the least money.
 * Never: compares list prices: a long question with a short answer and the reverse have different cheapest
 * models. A model without a known price comes last: nobody knows that it is cheap.
 */

import type { Target } from "../../../domain/target.ts";
import { familyOf } from "../../tokens/families.ts";
import { WEIGHTS } from "../../tokens/weights.ts";
import { costOf } from "../../usage/cost.ts";
import type { Candidate, Moment, Strategy } from "../candidate.ts";
import { byBurden } from "./by-burden.ts";

/**
 * Tokens of an answer that nobody has capped lower: between the mean answers of two published traces of
 * chat traffic (Azure 2023: 222, Mooncake 2024: 347).
 */
const EXPECTED_OUTPUT = 280;

/** By target, because finding a family tries a dozen patterns on a name, for every model of a route. */
const textWeights = new WeakMap<Target, number>();

const textWeightOf = (target: Target): number => {
  const weight = textWeights.get(target) ?? WEIGHTS[familyOf(target.kind, target.upstream)].text;
  textWeights.set(target, weight);
  return weight;
};

/**
 * Nano-USD, estimated; infinite where no price is known. Models of different families make more or fewer tokens of
 * the same text. `isWarm`: the provider has all of the input in its prompt cache.
 */
export const estimatedCost = ({ target }: Candidate, { needs }: Moment, isWarm = false): number => {
  const { inputTokens, outputCap } = needs();
  const embeds = target.capabilities.has("embeddings");
  const input = Math.ceil(inputTokens() * textWeightOf(target));
  const cost = costOf(target.price, {
    ...(isWarm ? { cache_read_tokens: input } : { input_tokens: input }),
    output_tokens: embeds ? 0 : Math.min(EXPECTED_OUTPUT, outputCap ?? EXPECTED_OUTPUT),
  });
  return cost ?? Number.POSITIVE_INFINITY;
};

export const lowestCost: Strategy = {
  order: (candidates, moment) =>
    byBurden(candidates, (candidate) => estimatedCost(candidate, moment), undefined),
  burden: (candidate, moment) => estimatedCost(candidate, moment),
};
