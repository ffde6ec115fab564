/**
 * Decides: when the object has to wake up next: at the earliest of all that it waits for; and that one thing
 * which fails then keeps none of the others.
 * Never: sets an alarm later than one that is set, unless it has just rung.
 */

/** Does all of it, one after the other; then throws the first fault. */
export const doAll = (works: readonly (() => void)[]): void => {
  const faults: unknown[] = [];
  for (const work of works) {
    try {
      work();
    } catch (fault) {
      faults.push(fault);
    }
  }
  if (faults.length > 0) throw faults[0];
};

export type Alarms = {
  /** Wakes at `at` (milliseconds since the epoch) at the latest. */
  by(at: number): void;
  /** The alarm has rung: none is set now. */
  rang(): void;
};

export const createAlarms = ({ storage }: Pick<DurableObjectState, "storage">): Alarms => {
  let next = Number.POSITIVE_INFINITY;
  return {
    by(at) {
      if (at >= next) return;
      next = at;
      // Part of the write that it belongs to: the answer waits for both.
      storage.setAlarm(at);
    },
    rang() {
      next = Number.POSITIVE_INFINITY;
    },
  };
};
