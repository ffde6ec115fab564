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
  /** Ends every wait: the answer has been read to its end. */
  rest(): void;
  /** Ends every wait, and drops the upstream connection. */
  close(): void;
};

/** F30: a caller who takes nothing for this long is as good as gone. Milliseconds. */
const STALLED_CALLER_MS = 60_000;

/** `totalAt`: milliseconds since the epoch at which the whole request must be over. */
export const createWatchdog = (clock: Clock, caller: AbortSignal, totalAt: number): Watchdog => {
  const controller = new AbortController();
  let cause: TimeoutPhase | "caller" | undefined;
  let isOver = false;
  let phase: TimeoutPhase = "total";
  let limit = Number.POSITIVE_INFINITY;
  let since = 0;
  let writingSince: number | undefined;
  /** One timer for all waits: setting one costs more than looking once too often. */
  let timer: { readonly at: number; readonly cancel: () => void } | undefined;

  const abort = (why: TimeoutPhase | "caller"): void => {
    if (isOver) return;
    cause ??= why;
    controller.abort();
  };
  const left = (): void => abort("caller");

  /** The wait that ends first, as things stand. */
  const next = (): { readonly at: number; readonly why: TimeoutPhase | "caller" } => {
    const stalled = writingSince !== undefined;
    const at = writingSince === undefined ? since + limit : writingSince + STALLED_CALLER_MS;
    return at < totalAt ? { at, why: stalled ? "caller" : phase } : { at: totalAt, why: "total" };
  };
  const arm = (at: number): void => {
    if (timer !== undefined && timer.at <= at) return;
    timer?.cancel();
    timer = { at, cancel: clock.after(Math.max(0, at - clock.now()), check) };
  };
  const check = (): void => {
    timer = undefined;
    if (isOver) return;
    const { at, why } = next();
    const now = clock.now();
    if (at <= now) abort(why);
    // Never longer than the running wait itself: a write may end it being stood still.
    else arm(Math.min(at, now + limit));
  };

  if (caller.aborted) left();
  else caller.addEventListener("abort", left);

  return {
    signal: controller.signal,
    cause: () => cause,
    watch: (nextPhase, ms) => {
      phase = nextPhase;
      limit = ms;
      since = clock.now();
      arm(next().at);
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
    // The last timer and the listener go with the request: taking them back costs more than keeping them.
    rest: () => {
      isOver = true;
    },
    close: () => {
      isOver = true;
      controller.abort();
    },
  };
};
