/**
 * Decides: nothing: a clock that a test turns by hand.
 */
import type { Clock } from "../../src/base/clock.ts";

export type TestClock = Clock & {
  /** Lets `ms` pass; timers run in their order, and what they set off is waited for. */
  advance(ms: number): Promise<void>;
};

/** Lets everything that is ready run, streams included. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((done) => setImmediate(done));
};

export const createTestClock = (start = 1_700_000_000_000): TestClock => {
  let now = start;
  const timers = new Map<symbol, { readonly at: number; readonly run: () => void }>();
  const due = (until: number) =>
    [...timers].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at)[0];
  return {
    now: () => now,
    after: (ms, run) => {
      const id = Symbol("timer");
      timers.set(id, { at: now + ms, run });
      return () => timers.delete(id);
    },
    advance: async (ms) => {
      const until = now + ms;
      await settle();
      for (let next = due(until); next !== undefined; next = due(until)) {
        const [id, timer] = next;
        timers.delete(id);
        now = Math.max(now, timer.at);
        timer.run();
        await settle();
      }
      now = until;
      await settle();
    },
  };
};
