/**
 * Decides: where what was learnt of models by trying is kept: in the isolate's memory.
 * Never: outlives it: what a provider refuses today it may take after the next deploy.
 */
import type { Learned } from "../ports.ts";

export const createLearned = (): Learned => {
  const refused = new Set<string>();
  return {
    refusesPrefill: (model) => refused.has(model),
    prefillRefused: (model) => refused.add(model),
  };
};
