/**
 * Decides: what a strategy is given and what it gives back.
 * Never: drops or adds a candidate; a strategy only orders.
 */
import type { Random } from "../../base/clock.ts";
import type { Target } from "../../domain/target.ts";
import type { TargetHealth } from "./health.ts";
import type { Needs } from "./request/needs.ts";

export type Candidate = {
  readonly target: Target;
  /** As the route says; 1 where it says nothing. */
  readonly weight: number;
  readonly health: TargetHealth | undefined;
};

/** What is true of one request at one moment. The functions are called only by who needs them. */
export type Moment = {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly random: Random;
  readonly stream: boolean;
  readonly needs: () => Needs;
  /** A number that goes up by one each time: whose turn it is on this route. */
  readonly turn: () => number;
};

export type Strategy = {
  /** The candidates in the order in which they are to be tried; all of them, each once. */
  readonly order: (candidates: readonly Candidate[], moment: Moment) => readonly Candidate[];
  /**
   * What choosing a candidate costs in the strategy's own coin (money, milliseconds, …), less is better;
   * undefined where nobody knows. Affinity weighs it against the prompt cache. A strategy without it has an
   * order that is not to be touched.
   */
  readonly burden: ((candidate: Candidate, moment: Moment) => number | undefined) | undefined;
};
