/**
 * Decides: when a request that has to wait goes on: at its time, or as soon as nobody waits for it any more.
 * Never: says which of the two it was; whoever goes on asks the signal.
 */
import type { Clock } from "../base/clock.ts";

/** Resolves after `ms` milliseconds, or when the signal has aborted. */
export const pause = (clock: Clock, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
