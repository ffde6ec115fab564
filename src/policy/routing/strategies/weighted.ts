/**
 * Decides: by chance, each candidate as often as its weight says; so with the ones after the first.
 * Never: needs state. Each draws a waiting time of its own rate, the shortest goes first
 * (Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006).
 */
import type { Strategy } from "../candidate.ts";

export const weighted: Strategy = {
  order: (candidates, { random }) =>
    candidates
      // 1 − random lies in (0, 1]: its logarithm is finite.
      .map((candidate) => ({ candidate, wait: -Math.log(1 - random()) / candidate.weight }))
      .sort((a, b) => a.wait - b.wait)
      .map(({ candidate }) => candidate),
  burden: () => 0,
};
