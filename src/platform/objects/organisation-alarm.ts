/**
 * Decides: when the object has to wake up next: at the earliest of all that it waits for.
 * Never: sets an alarm later than one that is set, unless it has just rung.
 */
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
