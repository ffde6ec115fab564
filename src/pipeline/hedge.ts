/**
 * Decides: when a second target is asked although the first has not failed, and which of two answers
 * is taken: the first that has something to show.
 * Never: asks more than one more, or leaves the loser running.
 */
import type { Clock } from "../base/clock.ts";

/** One way to an answer; undefined when it leads to none. */
export type Way<T> = (signal: AbortSignal) => Promise<T | undefined>;

type Hedging<T> = {
  readonly clock: Clock;
  readonly caller: AbortSignal;
  readonly first: Way<T>;
  /** Asked for when the time has come: it may be that nobody is left, or that no more may be asked. */
  readonly second: () => Way<T> | undefined;
  /** Milliseconds. */
  readonly after: number;
  /** Whether a way's answer is worth taking while the other is still on its way. */
  readonly isAnswer: (value: T) => boolean;
};

/** A signal that the caller's leaving aborts, and losing. */
const childOf = (caller: AbortSignal): AbortController => {
  const child = new AbortController();
  if (caller.aborted) child.abort();
  else caller.addEventListener("abort", () => child.abort());
  return child;
};

/** The value of the first way that has an answer; else of the one that ended last. */
export const hedged = async <T>(hedging: Hedging<T>): Promise<T | undefined> => {
  const { clock, caller, first, second, after, isAnswer } = hedging;
  const one = childOf(caller);
  const two = childOf(caller);
  const primary = first(one.signal);
  let cancel = (): void => {};
  const late = new Promise<"late">((resolve) => {
    cancel = clock.after(after, () => resolve("late"));
  });
  const early = await Promise.race([primary, late]);
  cancel();
  if (early !== "late") return early;
  const way = second();
  if (way === undefined) return primary;
  const secondary = way(two.signal);
  const taken = (value: T | undefined): boolean => value !== undefined && isAnswer(value);
  const winner = await Promise.race([
    primary.then((value) => ({ value, other: secondary, loser: two })),
    secondary.then((value) => ({ value, other: primary, loser: one })),
  ]);
  if (!taken(winner.value)) return (await winner.other) ?? winner.value;
  winner.loser.abort();
  return winner.value;
};
