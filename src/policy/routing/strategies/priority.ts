/**
 * Decides: nothing of its own: the order is the one in which the operator wrote the models down.
 * Never: is overruled by session affinity; a list of priorities is meant as one.
 */
import type { Strategy } from "../candidate.ts";

export const priority: Strategy = {
  order: (candidates) => candidates,
  burden: undefined,
};
