/**
 * Decides: who has the fewest calls under way for its weight goes first.
 * Never: counts; in-flight figures are the snapshot's. Equals are put in random order, so that isolates
 * with the same snapshot do not all go the same way.
 */
import type { Candidate, Strategy } from "../candidate.ts";
import { byBurden } from "./by-burden.ts";

/** The call that is about to be made counts too: 0 against 1 is half the load, not none. */
const burden = ({ health, weight }: Candidate): number => ((health?.inFlight ?? 0) + 1) / weight;

export const leastBusy: Strategy = {
  order: (candidates, moment) => byBurden(candidates, burden, moment.random),
  burden,
};
