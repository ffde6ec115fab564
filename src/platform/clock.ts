/**
 * Decides: what time it is for everything above the wall.
 * Never: lets time run backwards within an isolate.
 */
import type { Clock } from "../base/clock.ts";

export const createClock = (): Clock => {
  let last = 0;
  return {
    now: () => {
      last = Math.max(last, Date.now());
      return last;
    },
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
};
