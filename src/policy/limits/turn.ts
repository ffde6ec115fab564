/**
 * Decides: how a turn that a request was given is made larger for one more attempt of the same request.
 * Never: puts a request into a queue behind itself, or gives it a second turn that keeps its first from being
 * given back.
 */
import { amountFor, type Cost, type LimitRule } from "../../domain/limit.ts";
import type { Draft, Hold } from "./book.ts";
import { settleHold } from "./take.ts";

type Grown = { readonly from: Hold; readonly to: Hold };

export type Turns = {
  /** Rules of which the request has no turn. */
  readonly others: readonly LimitRule[];
  readonly grown: readonly Grown[];
  /** False where one would be larger than its rule ever allows. */
  readonly fits: boolean;
};

/** `model`: whose own rules they are. */
export const turnsOf = (
  holds: readonly Hold[],
  rules: readonly LimitRule[],
  cost: Cost,
  model: string | undefined,
): Turns => {
  const others: LimitRule[] = [];
  const grown: Grown[] = [];
  let fits = true;
  for (const rule of rules) {
    const from = holds.find((hold) => hold.rule === rule.id && hold.model === model);
    if (rule.kind !== "leaky" || from === undefined) {
      others.push(rule);
      continue;
    }
    const amount = from.amount + amountFor(rule, cost);
    if (amount === from.amount) continue;
    if (rule.mode === "on" && amount > rule.max) fits = false;
    grown.push({ from, to: { ...from, amount } });
  }
  return { others, grown, fits };
};

/** The holds with the larger ones among them. Who stands behind is not asked: his turn stays when it is. */
export const enlarge = (
  draft: Draft,
  holds: readonly Hold[],
  grown: readonly Grown[],
  now: number,
): readonly Hold[] => {
  for (const { from, to } of grown) settleHold(draft, from, to.amount, now);
  return holds.map((hold) => grown.find(({ from }) => from === hold)?.to ?? hold);
};
