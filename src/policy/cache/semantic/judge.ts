/**
 * Decides: whether the answer to one turn is given to another, and why not.
 * Never: looks anything up; the candidate has been found, and its partition checked, before.
 */
import type { Disagreement } from "./agreement.ts";
import { compare } from "./compare.ts";
import { doubtAllowed, doubtOf, scoreOf } from "./score.ts";
import { barOf, type Tally } from "./tally.ts";
import { doubtAfter, type Trust } from "./trust.ts";

export type Candidate = {
  readonly turn: string;
  readonly trust: Trust;
  /** Of the embedder's vectors, −1..1. */
  readonly similarity: number;
};

export type Bounds = {
  /** The least similarity; undefined: the embedder's word alone forbids nothing. */
  readonly threshold: number | undefined;
  /** The most wrong hits among hits, 0..1; undefined: similarity and agreement decide. */
  readonly maxError: number | undefined;
  readonly tally: Tally;
};

export type Judgement = {
  readonly serve: boolean;
  readonly reason: "agrees" | "dissimilar" | "doubtful" | "length" | Disagreement;
  readonly similarity: number;
  /** That of the weights, before anything was learnt of the entry: what `trustStep` is told. 1 where the turns disagree. */
  readonly doubt: number;
};

/** Rules first, then similarity, then doubt: a broken rule is told however unlike the turns are. */
export const judge = (turn: string, candidate: Candidate, bounds: Bounds): Judgement => {
  const { similarity, trust } = candidate;
  const { disagreement, evidence } = compare(turn, candidate.turn);
  if (disagreement !== undefined || evidence === undefined) {
    return { serve: false, reason: disagreement ?? "length", similarity, doubt: 1 };
  }
  const doubt = doubtOf(scoreOf(evidence));
  if (bounds.threshold !== undefined && similarity < bounds.threshold) {
    return { serve: false, reason: "dissimilar", similarity, doubt };
  }
  if (bounds.maxError === undefined) {
    // Without a bound on errors an entry is still not served where it was refuted.
    const refuted = doubtAfter(trust, doubt) > Math.max(0.5, doubt);
    return { serve: !refuted, reason: refuted ? "doubtful" : "agrees", similarity, doubt };
  }
  const allowed = barOf(bounds.tally, bounds.maxError, doubtAllowed(bounds.maxError));
  const serve = doubtAfter(trust, doubt) <= allowed;
  return { serve, reason: serve ? "agrees" : "doubtful", similarity, doubt };
};

export type Picked<C extends Candidate> = { readonly candidate: C; readonly judgement: Judgement };

/**
 * Of candidates, best first, the first that is served. Where none is, the one with the least doubt: its
 * answer can be compared with the fresh one for nothing (`verdictOn`). Undefined where there is none.
 */
export const pick = <C extends Candidate>(
  turn: string,
  candidates: readonly C[],
  bounds: Bounds,
): Picked<C> | undefined => {
  let best: Picked<C> | undefined;
  for (const candidate of candidates) {
    const judgement = judge(turn, candidate, bounds);
    if (judgement.serve) return { candidate, judgement };
    if (best === undefined || judgement.doubt < best.judgement.doubt)
      best = { candidate, judgement };
  }
  return best;
};
