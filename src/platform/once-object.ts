/**
 * Decides: how the organisation's object is asked of Idempotency-Keys: once more where it was being moved, and
 * never for longer than a caller should wait.
 * Never: asks again what a full object has refused. All that is asked may be repeated.
 */
import type { Clock } from "../base/clock.ts";
import { within } from "./health-parts.ts";
import type { OnceCalls } from "./objects/organisation-once-calls.ts";

/** Milliseconds. */
const ANSWER_WITHIN = 3_000;

/** The answer; undefined: none came in time, or the object cannot be asked. `ms`: how long to wait. */
export type AskObject = <T>(
  ask: (object: OnceCalls) => Promise<T>,
  ms?: number,
) => Promise<T | undefined>;

const mayRepeat = (error: unknown): boolean =>
  error instanceof Error &&
  "retryable" in error &&
  error.retryable === true &&
  !("overloaded" in error && error.overloaded === true);

/** `objectOf`: a new stub each time; one that has thrown stays broken. */
export const createAskObject =
  (clock: Clock, objectOf: () => OnceCalls): AskObject =>
  (ask, ms = ANSWER_WITHIN) =>
    within(clock, ms, async () => {
      try {
        return await ask(objectOf());
      } catch (error) {
        if (!mayRepeat(error)) throw error;
        return ask(objectOf());
      }
    });
