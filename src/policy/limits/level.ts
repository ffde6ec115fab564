/**
 * Decides: how full a vessel is that empties evenly, `max` in every `periodMs`, without rounding ever.
 * Never: says how full it may be.
 *
 * The theoretical arrival time of GCRA (machines.md section 1) is the moment at which it is empty. Kept as an
 * amount it needs no scaled time: at a million dollars a minute one nano-USD is 60 femtoseconds. All numbers
 * are integers below 2⁵³ where `max` is, and multiplying two of them never leaves that range unnoticed.
 */

/** So many whole amounts, and so many `periodMs`-ths of one more. */
export type Level = { readonly whole: number; readonly part: number };

/** `max` above 0; `periodMs` at most a day. */
export type Rate = { readonly max: number; readonly periodMs: number };

export const EMPTY: Level = { whole: 0, part: 0 };

/** With `by` more, or less where it is negative; never below nothing. */
export const raised = ({ whole, part }: Level, by: number): Level =>
  whole + by < 0 ? EMPTY : { whole: whole + by, part };

/** The level `elapsedMs` later. */
export const drained = (level: Level, { max, periodMs }: Rate, elapsedMs: number): Level => {
  if (elapsedMs <= 0) return level;
  const rest = elapsedMs % periodMs;
  // max × rest / periodMs, with max cut into what leaves every millisecond and what remains: each product
  // stays below periodMs², and the square of a day is below 2⁵³.
  const remainder = max % periodMs;
  const parts = rest * remainder;
  const part = parts % periodMs;
  const whole =
    ((elapsedMs - rest) / periodMs) * max +
    rest * ((max - remainder) / periodMs) +
    (parts - part) / periodMs;
  const borrowed = level.part < part ? 1 : 0;
  const left = level.whole - whole - borrowed;
  return left < 0 ? EMPTY : { whole: left, part: level.part - part + borrowed * periodMs };
};

/** Whole amounts that are not free. */
export const filled = ({ whole, part }: Level): number => (part > 0 ? whole + 1 : whole);

/** Milliseconds until it is empty, rounded up. */
export const msToEmpty = ({ whole, part }: Level, { max, periodMs }: Rate): number => {
  const parts = whole * periodMs + part;
  if (parts <= Number.MAX_SAFE_INTEGER) {
    const over = parts % max;
    return (parts - over) / max + (over > 0 ? 1 : 0);
  }
  const exact = BigInt(whole) * BigInt(periodMs) + BigInt(part);
  const divisor = BigInt(max);
  return Number((exact + divisor - 1n) / divisor);
};
