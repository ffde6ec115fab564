/**
 * Decides: when the counts of a target are written: soon after something failed, else once they are quiet, or now and
 * then while they keep coming. Written every few seconds, a thousand healthy targets would keep a thousand disks busy.
 * Never: sets an alarm: that would be written, too. What an eviction costs is what came since the last writing.
 */
import { type Clock, sleep } from "../../base/clock.ts";

/** Milliseconds: after a failure, or after the last of the counts; and while they keep coming. */
const QUIET_MS = 5_000;
const FLUSH_MS = 60_000;

/** To be called when counts have changed. `hasFailed`: there are failures among them. */
export type FlushSoon = (hasFailed: boolean) => void;

export const createFlushing = (parts: {
  readonly clock: Clock;
  readonly flush: () => void;
  readonly background: (work: Promise<unknown>) => void;
}): FlushSoon => {
  const { clock, flush, background } = parts;
  let isWaiting = false;
  let isPressing = false;
  let touchedAt = 0;

  const later = async (since: number): Promise<void> => {
    let seen: number;
    do {
      seen = touchedAt;
      await sleep(clock, QUIET_MS);
    } while (touchedAt > seen && !isPressing && clock.now() - since < FLUSH_MS);
    isWaiting = false;
    isPressing = false;
    flush();
  };

  return (hasFailed) => {
    touchedAt = clock.now();
    isPressing ||= hasFailed;
    if (isWaiting) return;
    isWaiting = true;
    background(later(touchedAt));
  };
};
