/**
 * Decides: how random numbers are spread in the laws of limits.
 * Never: tests anything itself.
 */
import fc from "fast-check";

/** From 0 to `max` in thousandths. Even, as `fc.double` is not: most of its numbers are next to nothing. */
export const thousandths = (max: number): fc.Arbitrary<number> =>
  fc.nat({ max: max * 1_000 }).map((parts) => parts / 1_000);
