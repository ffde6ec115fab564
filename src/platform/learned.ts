/**
 * Decides: where what was learnt of models by trying is kept: in the isolate's memory.
 * Never: outlives it: what a provider refuses today it may take after the next deploy.
 */
import {
  expectationOf,
  type LearnedSizes,
  learn,
  NO_EXPECTATION,
  NOTHING_LEARNED,
} from "../policy/limits/learned-sizes.ts";
import type { Learned } from "../ports.ts";

export const createLearned = (): Learned => {
  const refused = new Set<string>();
  const turns = new Map<string, number>();
  const sizes = new Map<string, LearnedSizes>();
  return {
    refusesPrefill: (model) => refused.has(model),
    prefillRefused: (model) => refused.add(model),
    turn: (route) => {
      // Isolates begin anywhere, so that many of them do not all begin with the same target.
      const next = (turns.get(route) ?? Math.floor(Math.random() * 1_000)) + 1;
      turns.set(route, next);
      return next;
    },
    sizes: (model) => {
      const known = sizes.get(model);
      return known === undefined ? NO_EXPECTATION : expectationOf(known);
    },
    sized: (model, sample) =>
      void sizes.set(model, learn(sizes.get(model) ?? NOTHING_LEARNED, sample)),
  };
};
