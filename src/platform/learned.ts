/**
 * Decides: where what was learnt of models by trying is kept: in the isolate's memory.
 * Never: outlives it: what a provider refuses today it may take after the next deploy.
 */
import type { Learned } from "../ports.ts";

/** Times that are remembered for a model, and how many it takes to say what is usual. */
const MOST_TIMES = 100;
const ENOUGH_TIMES = 20;

export const createLearned = (): Learned => {
  const refused = new Set<string>();
  const turns = new Map<string, number>();
  const times = new Map<string, number[]>();
  return {
    refusesPrefill: (model) => refused.has(model),
    prefillRefused: (model) => refused.add(model),
    began: (model, ms) => {
      const known = times.get(model) ?? [];
      known.push(ms);
      if (known.length > MOST_TIMES) known.shift();
      times.set(model, known);
    },
    usuallyBegins: (model) => {
      const known = times.get(model) ?? [];
      if (known.length < ENOUGH_TIMES) return undefined;
      return [...known].sort((a, b) => a - b)[Math.floor(known.length * 0.95)];
    },
    turn: (route) => {
      // Isolates begin anywhere, so that many of them do not all begin with the same target.
      const next = (turns.get(route) ?? Math.floor(Math.random() * 1_000)) + 1;
      turns.set(route, next);
      return next;
    },
  };
};
