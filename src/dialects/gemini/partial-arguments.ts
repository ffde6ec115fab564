/**
 * Decides: how the pieces of streamed tool arguments ({jsonPath, stringValue, willContinue}) make up
 * the arguments.
 * Never: trusts a path: containers have no prototype that a name could reach.
 */
import { isLongNumber } from "../../base/exact-json.ts";
import { MAX_DEPTH } from "../../base/json-body.ts";
import { isObject, type Json } from "../reading.ts";

type Container = Record<string, unknown> | unknown[];

const newContainer = (step: string | number | undefined): Container =>
  typeof step === "number" ? [] : (Object.create(null) as Record<string, unknown>);

/** "$.stops[0].name" → ["stops", 0, "name"]; names may also stand in brackets and quotes. */
const stepsOf = (path: string): (string | number)[] =>
  [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/g)].map(
    ([, name, index, single, double]) =>
      index === undefined ? (name ?? single ?? double ?? "") : Number(index),
  );

const get = (container: Container, step: string | number): unknown =>
  (container as Record<string | number, unknown>)[step];

const set = (container: Container, step: string | number, value: unknown): void => {
  (container as Record<string | number, unknown>)[step] = value;
};

const MOST_ITEMS = 10_000;

/** A path that no arguments have: so deep that they cannot be written, or an item so far out that all before it are. */
const isOutlandish = (steps: readonly (string | number)[]): boolean =>
  steps.length > MAX_DEPTH || steps.some((step) => typeof step === "number" && step >= MOST_ITEMS);

/** `length` and the like are no items of a list; a long number is an object that holds nothing. */
const holds = (container: Container, step: string | number): boolean =>
  Array.isArray(container) ? typeof step === "number" : !isLongNumber(container);

const valueIn = (piece: Json): unknown => {
  if ("stringValue" in piece) return piece["stringValue"];
  if ("numberValue" in piece) return piece["numberValue"];
  return "boolValue" in piece ? piece["boolValue"] : null;
};

/** Puts one piece into place; text goes on where text already stands. */
const apply = (root: Container, piece: Json): void => {
  const steps = stepsOf(String(piece["jsonPath"] ?? ""));
  if (isOutlandish(steps)) return;
  let container = root;
  for (const [at, step] of steps.entries()) {
    if (!holds(container, step)) return;
    if (at === steps.length - 1) {
      const before = get(container, step);
      const value = valueIn(piece);
      const goesOn = typeof before === "string" && typeof value === "string";
      set(container, step, goesOn ? before + value : value);
      return;
    }
    const next = get(container, step);
    if (typeof next !== "object" || next === null)
      set(container, step, newContainer(steps[at + 1]));
    container = get(container, step) as Container;
  }
};

export type PartialArguments = {
  add(pieces: unknown): void;
  /** The arguments so far, as JSON text. */
  text(): string;
};

export const partialArguments = (): PartialArguments => {
  const root = newContainer(undefined);
  return {
    add: (pieces) => {
      for (const piece of Array.isArray(pieces) ? pieces : []) {
        if (isObject(piece)) apply(root, piece);
      }
    },
    text: () => JSON.stringify(root),
  };
};
