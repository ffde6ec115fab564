/**
 * Decides: how money is counted and written – integers of nano-USD, decimals without float noise.
 * Never: adds up fractions. One rounding a sum, half a nano-USD upwards.
 */

const MICRO_PER_USD = 1_000_000;
const NANO_PER_USD = 1_000_000_000;
const PICO_PER_NANO = 1_000n;
const NANO_DIGITS = 9;
const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * USD as people write prices (0.075) to integer micro-USD (75,000).
 * Rounded: 0.075 × 10⁶ is 74,999.999… in floating point.
 */
export const microUsd = (usd: number): number => Math.round(usd * MICRO_PER_USD);

/** The same to integer nano-USD. Ends at the largest safe integer, as every sum of money here. */
export const nanoUsd = (usd: number): number =>
  Math.min(Math.round(usd * NANO_PER_USD), Number.MAX_SAFE_INTEGER);

/**
 * Pico-USD (price in micro-USD per million tokens × tokens) to nano-USD, a safe integer.
 * Stops at the largest safe integer, nine million dollars: no honest request costs that.
 */
export const nanoFromPico = (pico: bigint): number => {
  const nano = (pico + PICO_PER_NANO / 2n) / PICO_PER_NANO;
  return Number(nano > LARGEST ? LARGEST : nano);
};

/** Nano-USD as a JSON number of USD. */
export const usd = (nano: number): number => Math.round(nano) / NANO_PER_USD;

/** Integer nano-USD as decimal USD, shortest form: 1500 → "0.0000015", 0 → "0". For headers. */
export const formatUsd = (nano: number): string => {
  const digits = Math.abs(nano)
    .toString()
    .padStart(NANO_DIGITS + 1, "0");
  const whole = digits.slice(0, -NANO_DIGITS);
  const fraction = digits.slice(-NANO_DIGITS).replace(/0+$/, "");
  return `${nano < 0 ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
};
