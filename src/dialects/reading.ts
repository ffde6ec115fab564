/**
 * Decides: how a caller's body is read field by field, and what is remembered on the way: the first
 * wrong value, and the fields that no other dialect knows.
 * Never: throws, or judges a field that its dialect does not define.
 */
import { isRecord } from "../base/record.ts";
import { type Failure, failure } from "../domain/error.ts";

export type Json = Readonly<Record<string, unknown>>;

/** One body's notes. Readers go on after a fault, with undefined; whoever began the reading looks at the end. */
export type Reading = {
  /** The first thing that is wrong. */
  fault: Failure | undefined;
  /** Paths of what only this dialect can honour and what changes the answer. */
  readonly unportable: string[];
  /** Paths of what only this dialect knows and what is a mere hint. */
  readonly hints: Set<string>;
};

export const startReading = (): Reading => ({ fault: undefined, unportable: [], hints: new Set() });

export const isObject: (value: unknown) => value is Json = isRecord;

/** Notes that the value at `path` is wrong. */
export const invalid = (reading: Reading, path: string): undefined => {
  reading.fault ??= failure("invalid_parameter", { param: path });
  return undefined;
};

const absent = (value: unknown): value is undefined | null => value === undefined || value === null;

/** Each reader takes null for absent, as the providers do, and undefined comes back for both and for a wrong value. */
export const readText = (reading: Reading, value: unknown, path: string): string | undefined =>
  absent(value) ? undefined : typeof value === "string" ? value : invalid(reading, path);

export const readFlag = (reading: Reading, value: unknown, path: string): boolean | undefined =>
  absent(value) ? undefined : typeof value === "boolean" ? value : invalid(reading, path);

export const readObject = (reading: Reading, value: unknown, path: string): Json | undefined =>
  absent(value) ? undefined : isObject(value) ? value : invalid(reading, path);

export const readList = (
  reading: Reading,
  value: unknown,
  path: string,
): readonly unknown[] | undefined =>
  absent(value) ? undefined : Array.isArray(value) ? value : invalid(reading, path);

/** Bounds are inclusive. 1e999 arrives as Infinity and is refused. */
export const readNumber = (
  reading: Reading,
  value: unknown,
  path: string,
  [least, most]: readonly [number, number],
): number | undefined => {
  if (absent(value)) return undefined;
  const fits =
    typeof value === "number" && Number.isFinite(value) && value >= least && value <= most;
  return fits ? value : invalid(reading, path);
};

export const readInteger = (
  reading: Reading,
  value: unknown,
  path: string,
  [least, most]: readonly [number, number] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
): number | undefined => {
  const number = readNumber(reading, value, path, [least, most]);
  return number === undefined || Number.isSafeInteger(number) ? number : invalid(reading, path);
};

/** A required text: absent is as wrong as a number. */
export const needText = (reading: Reading, value: unknown, path: string): string => {
  if (typeof value !== "string") invalid(reading, path);
  return typeof value === "string" ? value : "";
};

/**
 * Notes every field of `object` that `known` does not list – as a hint where `hints` lists it – and
 * gives them back, to be spread into the canonical object.
 */
export const readExtra = (
  reading: Reading,
  object: Json,
  known: ReadonlySet<string>,
  hints: ReadonlySet<string>,
  path: string,
): { extra?: Json } => {
  let extra: Record<string, unknown> | undefined;
  for (const name of Object.keys(object)) {
    const value = object[name];
    if (known.has(name) || value === null) continue;
    extra ??= {};
    extra[name] = value;
    if (hints.has(name)) reading.hints.add(withoutIndexes(`${path}.${name}`));
    else reading.unportable.push(`${path}.${name}`);
  }
  return extra === undefined ? {} : { extra };
};

/** `messages[3].content[0]` → `messages[].content[]`: a hint is named once, however often it stands there. */
const withoutIndexes = (path: string): string => path.replace(/\[\d+\]/g, "[]");
