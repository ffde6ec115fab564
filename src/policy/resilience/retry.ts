/**
 * Decides: how long to wait before the same target is asked again.
 * Never: decides whether; that is the verdict's and the plan's.
 */
import type { Random } from "../../base/clock.ts";

/** First step and ceiling of the back-off, in milliseconds (machines.md 8). */
const FIRST_MS = 100;
const LONGEST_MS = 2_000;

/**
 * Full jitter: anywhere up to the exponential step, so that callers who failed together do not come
 * back together. A time that the provider named is kept to, plus up to a tenth.
 * `repeat` counts from 0.
 */
export const waitBefore = (repeat: number, namedMs: number | undefined, random: Random): number =>
  namedMs === undefined
    ? random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** repeat)
    : namedMs * (1 + random() / 10);
