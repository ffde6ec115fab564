/**
 * Decides: how an organisation's object is found and asked: by the organisation's alias, where its hint says,
 * again where it was only being moved, and never for longer than a caller should wait (faults.md F46–F48).
 * Never: asks again what a full object has refused. All that is asked may be repeated.
 */
import type { Clock, Random } from "../base/clock.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Caller } from "../domain/tenant.ts";

/** Whose object it is. */
export type Place = Pick<Caller, "tenant" | "locationHint">;

export type Reach<O> = <T>(
  place: Place,
  ask: (object: O) => Promise<T>,
  /** Milliseconds until nobody waits any more. */
  ms?: number,
) => Promise<Result<T, Unreached>>;

export type Unreached = {
  /** Milliseconds to tell the caller to wait. */
  readonly retryAfterMs: number;
  /** The object may have done what it was asked, or may yet. */
  readonly mayHaveArrived: boolean;
};

/** Milliseconds. Admission that takes longer is of no use (F48). */
const ANSWER_WITHIN = 2_000;
const MOST_TRIES = 3;
/** Milliseconds. What is told a caller, spread so that they do not return together (F46). */
const LEAST_WAIT = 1_000;
const MORE_WAIT = 2_000;

const says = (error: unknown, word: "retryable" | "overloaded"): boolean =>
  error instanceof Error && Reflect.get(error, word) === true;

/** `objectOf`: a new stub each time; one that has thrown stays broken. */
export const createReach =
  <O>(parts: {
    readonly clock: Clock;
    readonly random: Random;
    readonly objectOf: (place: Place) => O;
  }): Reach<O> =>
  (place, ask, ms = ANSWER_WITHIN) => {
    const { clock, random, objectOf } = parts;
    const unreached = (mayHaveArrived: boolean) =>
      err({ retryAfterMs: LEAST_WAIT + Math.floor(MORE_WAIT * random()), mayHaveArrived });
    let isOver = false;
    const asked = async (): Promise<Result<Awaited<ReturnType<typeof ask>>, Unreached>> => {
      for (let tries = 1; ; tries += 1) {
        try {
          return ok(await ask(objectOf(place)));
        } catch (error) {
          const isFull = says(error, "overloaded");
          const again = says(error, "retryable") && !isFull && !isOver;
          if (!again || tries === MOST_TRIES) return unreached(!isFull);
        }
      }
    };
    return new Promise((resolve) => {
      const cancel = clock.after(ms, () => {
        isOver = true;
        resolve(unreached(true));
      });
      void asked().then((answer) => {
        cancel();
        resolve(answer);
      });
    });
  };
