/**
 * Decides: what a value that nobody has promised is taken for: one that is not of the kind that is looked for is absent.
 * Never: refuses anything; a caller's body is read by reading.ts, which does.
 */
import { isObject, type Json } from "./reading.ts";

export const textIn = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

/** A text that says something. */
export const wordIn = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** What an error is called: some say it in words, some by a number. */
export const codeIn = (value: unknown): string | undefined =>
  typeof value === "number" ? String(value) : textIn(value);

/** A number of things: whole, and not negative. */
export const countIn = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/** The objects in a list; none where there is no list. */
export const objectsIn = (value: unknown): Json[] =>
  Array.isArray(value) ? value.filter(isObject) : [];
