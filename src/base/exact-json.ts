/**
 * Decides: how JSON is read that is written down again elsewhere: a whole number of any length keeps its digits.
 * Never: changes how others see a number that JavaScript can hold.
 */

/** What JSON.parse tells of where a value stood, and the object that stands for a text (ECMAScript 2026). */
type Exact = {
  parse(
    text: string,
    revive: (key: string, value: unknown, at: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
};
const exact = JSON as unknown as Exact;

/** Nearly no text has one; the others are read as fast as ever. Digits behind a point do not count. */
const LONG = /[:,[\s-]\d{16}/;
const WHOLE = /^-?\d+$/;

export const hasLongNumber = (text: string): boolean => LONG.test(text);

/**
 * JSON.parse, but that a whole number beyond 2^53 becomes an object which JSON.stringify writes as it
 * stood. Ids of that length are common in the arguments of tools.
 */
export const parseExactJson = (text: string): unknown => {
  if (!hasLongNumber(text)) return JSON.parse(text) as unknown;
  return exact.parse(text, (_key, value, { source }) =>
    typeof value === "number" &&
    !Number.isSafeInteger(value) &&
    source !== undefined &&
    WHOLE.test(source)
      ? exact.rawJSON(source)
      : value,
  );
};

/** Whether a value is such an object: a whole number, and nothing to look into. */
export const isLongNumber = (value: unknown): boolean => exact.isRawJSON(value);
