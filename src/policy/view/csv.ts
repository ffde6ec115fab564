/**
 * Decides: how a table is written as CSV (RFC 4180), for spreadsheets too.
 * Never: writes a text that a spreadsheet would take for a formula.
 */

/** What begins like this is run, not shown. An apostrophe before it keeps it a text. */
const FORMULA = /^[=+\-@\t\r\n]/;

/** A thousandth of a nano-USD. */
const DECIMALS = 12;

/** Without an exponent, which not every reader takes for a number. */
const digits = (value: number): string => {
  const text = String(value);
  return text.includes("e") ? value.toFixed(DECIMALS).replace(/\.?0+$/, "") : text;
};

const cell = (value: string | number): string => {
  if (typeof value === "number") return digits(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Lines end with CR LF, the last one too. */
export const csvOf = (
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string => [header, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
