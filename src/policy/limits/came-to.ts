/**
 * Decides: what each hold of a request came to, once it is known what the request came to.
 * Never: clamps what was really used to what was held.
 */
import type { LimitRule } from "../../domain/limit.ts";
import { type Charge, NO_CHARGE } from "./book.ts";

/** What a request came to. Targets that were asked stand in `byModel`, also where they cost nothing. */
export type Actual = {
  readonly total: Charge;
  readonly byModel: Readonly<Record<string, Charge>>;
};

/** Nobody was asked, or nobody has told. */
export const NOTHING_USED: Actual = { total: NO_CHARGE, byModel: {} };

/** Somebody was asked, whatever it came to. */
export const wasAsked = ({ byModel }: Actual): boolean => Object.keys(byModel).length > 0;

/** `amount` in the rule's unit; `model`: the target whose own rule it is. */
type Held = {
  readonly rule: LimitRule;
  readonly amount: number;
  readonly model: string | undefined;
};

/** What all holds of that rule and target came to. */
const actualFor = ({ rule, model }: Held, actual: Actual): number => {
  const charge = model === undefined ? actual.total : actual.byModel[model];
  switch (rule.unit) {
    case "requests":
      return Number(model === undefined ? wasAsked(actual) : charge !== undefined);
    case "tokens":
      return charge?.tokens ?? 0;
    case "usd":
      return charge?.nanoUsd ?? 0;
    case "concurrent":
      return 0;
  }
};

const nameOf = ({ rule, model }: Held): string =>
  model === undefined ? rule.id : `${rule.id}\n${model}`;

/**
 * An amount for each hold, in their order. Of several holds on one rule, which may stand in different windows,
 * each is used up before the next one; the last answers for what is beyond them.
 */
export const cameTo = (holds: readonly Held[], actual: Actual): readonly number[] => {
  const names = holds.map(nameOf);
  const last = new Map(names.map((name, at) => [name, at]));
  const left = new Map<string, number>();
  return holds.map((hold, at) => {
    const name = names[at] ?? "";
    const rest = left.get(name) ?? actualFor(hold, actual);
    if (last.get(name) === at) return rest;
    const amount = Math.min(rest, hold.amount);
    left.set(name, rest - amount);
    return amount;
  });
};
