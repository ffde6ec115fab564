/**
 * Decides: what routing is asked, and what it knows of the world at that moment.
 * Never: decides anything itself.
 */
import type { Random } from "../../base/clock.ts";
import type { Policy } from "../../domain/config/schema.ts";
import type { Snapshot } from "../../domain/config/snapshot.ts";
import type { Target } from "../../domain/target.ts";
import type { Identity } from "./canary.ts";
import type { ComplexityRules, Verdict } from "./complexity/score.ts";
import type { HealthView } from "./health.ts";
import type { Gist } from "./request/gist.ts";
import type { Reading } from "./request/reading.ts";

export type Asked = {
  /** The body, read as far as somebody asks. */
  readonly reading: Reading;
  /** The body's model, as it stands there. */
  readonly model: unknown;
  /** The caller's own list; undefined where the configuration's chain holds. */
  readonly fallback: readonly string[] | "none" | undefined;
  /** From the configuration down to the key. */
  readonly policies: readonly (Policy | undefined)[];
  readonly identity: Identity;
  readonly stream: boolean;
  /** Vectors of two models cannot be compared: embeddings end at one upstream model or nowhere. */
  readonly embeddings: boolean;
  /** Whether the target's provider has the operation that is asked for. */
  readonly serves: (target: Target) => boolean;
};

/** Judges how hard a task is. */
export type Judge = (gist: Gist, rules: ComplexityRules) => Verdict;

export type Facts = {
  readonly health: HealthView;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly random: Random;
  /** The highest share spent over all USD rules that apply, holds counted; 0 where there are none. */
  readonly spendRatio: number;
  /** For round-robin: a number that goes up by one at each call for the same route, from anywhere. */
  readonly turn: (route: string) => number;
  /** Undefined where no route of the configuration asks for it. */
  readonly judge: Judge | undefined;
};

/** Everything that the choice is made of. */
export type Matter = {
  readonly snapshot: Snapshot;
  readonly asked: Asked;
  readonly facts: Facts;
};
