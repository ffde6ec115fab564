/**
 * Decides: everybody in turn, and after whose turn it is, the ones that follow.
 * Never: keeps the count; an isolate counts for itself, beginning anywhere, which is fair over all of them.
 */
import type { Strategy } from "../candidate.ts";

export const roundRobin: Strategy = {
  order: (candidates, { turn }) => {
    if (candidates.length === 0) return candidates;
    const first = turn() % candidates.length;
    return [...candidates.slice(first), ...candidates.slice(0, first)];
  },
  // Whoever's turn it is, is no better than the others.
  burden: () => 0,
};
