/**
 * Decides: whether an account ever shows more used and held of a limit than its maximum, looked at again and
 * again while requests run.
 * Never: takes part in the load.
 */
import type { Account } from "./account.ts";

export type Samples = {
  readonly looks: number;
  /** The largest share of a maximum that was used or held: 1 is all of it. */
  readonly worst: number;
  /** The most requests or blocks that were in flight. */
  readonly reservations: number;
};

const EVERY_MS = 50;
/** Sums of USD are shown in whole nano-USD; as numbers they may differ in their last place. */
const ROUNDING = 1e-9;

/** Looks at the account until `work` is done. */
export const sampled = async <T>(
  account: Account,
  work: Promise<T>,
): Promise<{ readonly result: T; readonly samples: Samples }> => {
  let isOver = false;
  let looks = 0;
  let worst = 0;
  let reservations = 0;
  const look = async (): Promise<void> => {
    const limits = await account.limits();
    looks += 1;
    reservations = Math.max(reservations, limits.reservations);
    for (const { used, held, max } of limits.rules) worst = Math.max(worst, (used + held) / max);
  };
  const looking = (async () => {
    while (!isOver) {
      await look();
      await new Promise((done) => setTimeout(done, EVERY_MS));
    }
  })();
  try {
    const result = await work;
    return { result, samples: { looks, worst, reservations } };
  } finally {
    isOver = true;
    await looking;
  }
};

/** Never above the maximum. */
export const isWithin = ({ looks, worst }: Samples): boolean => looks > 0 && worst <= 1 + ROUNDING;
