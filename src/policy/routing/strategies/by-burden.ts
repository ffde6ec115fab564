/**
 * Decides: the order of candidates that each carry a number, least first.
 * Never: lets the order of the configuration decide between equals, where chance is handed in.
 */
import type { Random } from "../../../base/clock.ts";
import type { Candidate } from "../candidate.ts";

export const byBurden = (
  candidates: readonly Candidate[],
  burden: (candidate: Candidate) => number,
  random: Random | undefined,
): readonly Candidate[] =>
  candidates
    .map((candidate) => ({ candidate, burden: burden(candidate), lot: random?.() ?? 0 }))
    // Two infinities have no difference.
    .sort((a, b) => (a.burden === b.burden ? a.lot - b.lot : a.burden - b.burden))
    .map((one) => one.candidate);
