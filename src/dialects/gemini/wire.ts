/**
 * Decides: how fields of Gemini's JSON are found (proto3 JSON takes camelCase and snake_case alike),
 * what a part looks like on the wire, and what notes an encoder takes.
 * Never: changes what callers own: arguments, results and schemas keep their own names.
 */
import { type Failure, failure } from "../../domain/error.ts";
import type { EncodeFor } from "../dialect.ts";
import { isObject, type Json } from "../reading.ts";

/** A part, a content … while it is being written. */
export type Wire = Record<string, unknown>;

const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export const camelCase = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The field by its camelCase name, however it is spelled. */
export const take = (object: Json, name: string): unknown =>
  object[name] ?? object[snakeCase(name)];

/** Names of the fields, as spelled, that `known` (camelCase) does not list; null is absent. */
export const unknownFields = (object: Json, known: ReadonlySet<string>): string[] =>
  Object.keys(object).filter((name) => object[name] !== null && !known.has(camelCase(name)));

/** An encoder's notes. Encoders go on after a fault; whoever began looks at the end. */
export type Writing = {
  readonly target: EncodeFor;
  /** Hints that Gemini has no place for, by the caller's field name. */
  readonly dropped: Set<string>;
  fault: Failure | undefined;
};

/** Notes that what stands at `path` has no place in a Gemini request. */
export const refuse = (writing: Writing, path: string): undefined => {
  writing.fault ??= failure("unsupported_parameter", { param: path });
  return undefined;
};

/** The later object over the earlier one, objects inside them likewise. */
export const merged = (base: Json, over: Json): Wire => {
  const result: Wire = { ...base };
  for (const [name, value] of Object.entries(over)) {
    const below = result[name];
    result[name] = isObject(below) && isObject(value) ? merged(below, value) : value;
  }
  return result;
};
