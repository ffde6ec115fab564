/**
 * Decides: how code below the platform learns the time and sleeps – by being handed a Clock.
 * Never: reads a clock itself; floors 0 to 3 take `now` as an argument.
 */
export type Clock = {
  /** Milliseconds since the epoch; never runs backwards within one isolate. */
  now(): number;
  /** Calls `run` once after `ms`; the returned function cancels it. */
  after(ms: number, run: () => void): () => void;
};

/** A number in [0, 1). Handed in, so that a run can be repeated from its seed. */
export type Random = () => number;

/** Resolves after `ms`. */
export const sleep = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });

/**
 * What `ask` says; undefined where it fails or takes longer than `ms`. It is not ended then: whatever it still does,
 * nobody waits for it.
 */
export const within = <T>(
  clock: Clock,
  ms: number,
  ask: () => Promise<T>,
): Promise<T | undefined> =>
  new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve(undefined));
    const end = (answer: T | undefined): void => {
      cancel();
      resolve(answer);
    };
    void (async () => {
      try {
        end(await ask());
      } catch {
        end(undefined);
      }
    })();
  });
