/**
 * Decides: what holds for all attempts of one request.
 * Never: changes while they are made.
 */
import type { Result } from "../base/result.ts";
import type { Failure } from "../domain/error.ts";
import type { Target } from "../domain/target.ts";
import type { Plan } from "../policy/routing/plan.ts";
import type { Prepared } from "./prepare.ts";

export type Calling = {
  readonly plan: Plan;
  /** Milliseconds since the epoch at which the whole request must be over. */
  readonly totalAt: number;
  /** Nothing of a stream is shown before it is complete. */
  readonly toTheEnd: boolean;
  /** The caller's own faults that are taken to the next target nevertheless. */
  readonly fallbackOn: readonly ("content_filter" | "invalid_request")[];
  /** When a second target is asked although the first has not failed; undefined: never. */
  readonly hedge: { readonly after?: "p95" | number | undefined } | undefined;
  /** The body for one target. */
  readonly prepare: (target: Target) => Result<Prepared, Failure>;
};
