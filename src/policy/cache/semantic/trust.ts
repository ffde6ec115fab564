/**
 * Decides: how much doubt remains of a candidate once it is known which hits of the same entry were
 * confirmed and which refuted: a threshold that each entry learns for itself.
 * Never: reads answers, a clock or chance; the state is plain JSON and may be put away between any two steps.
 */

export type Verdict = "confirmed" | "refuted";

export type Observation = { readonly doubt: number; readonly verdict: Verdict };

/** Oldest first. */
export type Trust = { readonly seen: readonly Observation[] };

export const NEW_TRUST: Trust = { seen: [] };

/** What the weights say counts as much as this many observed hits. */
const PRIOR = 4;
/** Enough to be sure of an entry; older ones may speak of an answer that was written anew since. */
const MOST_SEEN = 32;

export const trustStep = ({ seen }: Trust, doubt: number, verdict: Verdict): Trust => ({
  seen: [...seen, { doubt, verdict }].slice(-MOST_SEEN),
});

/**
 * The mean of a beta distribution whose prior is the weights' doubt. A refuted hit speaks against every
 * candidate that is no more alike than it was, a confirmed one for every candidate that is at least as alike.
 */
export const doubtAfter = ({ seen }: Trust, doubt: number): number => {
  let [confirmed, refuted] = [0, 0];
  for (const past of seen) {
    if (past.verdict === "confirmed" && doubt <= past.doubt) confirmed++;
    if (past.verdict === "refuted" && doubt >= past.doubt) refuted++;
  }
  return (PRIOR * doubt + refuted) / (PRIOR + confirmed + refuted);
};
