/**
 * Decides: when one attempt has taken too long, and remembers which wait it was.
 * Never: does anything but abort; what an ended wait means is for classify.
 */
import type { Clock } from "../base/clock.ts";
import type { TimeoutPhase } from "../domain/error.ts";

export type Watchdog = {
  /** Aborts when a wait has ended, or the caller has left. */
  readonly signal: AbortSignal;
  /** Why it aborted; undefined while it has not. */
  cause(): TimeoutPhase | "caller" | undefined;
  /** Replaces the wait that is running; it ends `ms` after the last `touch`. */
  watch(phase: TimeoutPhase, ms: number): void;
  /** Something arrived: the running wait begins anew. Costs one clock reading, no timer. */
  touch(): void;
  /** The caller has left. */
  left(): void;
  /** We wait for the caller to take what was written; until `wrote` the running wait stands still. */
  writing(): void;
  wrote(): void;
  /** Ends every wait. The upstream connection is dropped if it is still open. */
  close(): void;
};

/** F30: a caller who takes nothing for this long is as good as gone. Milliseconds. */
const STALLED_CALLER_MS = 60_000;

/** `totalAt`: milliseconds since the epoch at which the whole request must be over. */
export const createWatchdog = (clock: Clock, caller: AbortSignal, totalAt: number): Watchdog => {
  const controller = new AbortController();
  let cause: TimeoutPhase | "caller" | undefined;
  let phase: TimeoutPhase = "total";
  let limit = 0;
  let since = 0;
  let writingSince: number | undefined;
  let cancelPhase: (() => void) | undefined;

  const abort = (why: TimeoutPhase | "caller"): void => {
    cause ??= why;
    controller.abort();
  };
  const left = (): void => abort("caller");
  const check = (): void => {
    const stalled = writingSince !== undefined;
    const until = writingSince === undefined ? since + limit : writingSince + STALLED_CALLER_MS;
    const rest = until - clock.now();
    if (rest <= 0) abort(stalled ? "caller" : phase);
    // Never longer than the wait itself, which may be on again by then.
    else cancelPhase = clock.after(Math.min(rest, limit), check);
  };
  const cancelTotal = clock.after(Math.max(0, totalAt - clock.now()), () => abort("total"));
  if (caller.aborted) left();
  else caller.addEventListener("abort", left);

  return {
    signal: controller.signal,
    cause: () => cause,
    watch: (next, ms) => {
      cancelPhase?.();
      phase = next;
      limit = ms;
      since = clock.now();
      cancelPhase = clock.after(ms, check);
    },
    touch: () => {
      since = clock.now();
    },
    left,
    writing: () => {
      writingSince = clock.now();
    },
    wrote: () => {
      if (writingSince !== undefined) since += clock.now() - writingSince;
      writingSince = undefined;
    },
    close: () => {
      cancelPhase?.();
      cancelTotal();
      caller.removeEventListener("abort", left);
      controller.abort();
    },
  };
};
