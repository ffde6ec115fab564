/**
 * Decides: how the reports add up and divide.
 * Never: knows what is counted.
 */

export const total = <T>(all: readonly T[], figure: (one: T) => number): number =>
  all.reduce((sum, one) => sum + figure(one), 0);

/** 0..1; of nothing, 0. */
export const shareOf = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
