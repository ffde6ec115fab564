/**
 * Decides: whether one more attempt is paid for: by what is held, or by exactly what is missing of it
 * (machines.md sections 2 and 3).
 * Never: lets an attempt be made that no limit has room for, or takes a request or a slot of a limit twice.
 */

import { amountFor, type Cost, type LimitRule } from "../domain/limit.ts";
import type { Target } from "../domain/target.ts";
import type { Charge } from "../policy/limits/book.ts";
import type { Actual } from "../policy/limits/came-to.ts";
import { ownRules, sharedRules } from "../policy/limits/evaluate.ts";
import type { Held } from "../policy/limits/hold.ts";
import type { Deps } from "../ports.ts";
import { actualOf, type Bill, committed, NOTHING, sum } from "./bill.ts";
import type { Permit } from "./permit.ts";
import type { Run } from "./run.ts";

const missing = (needed: Charge, held: Charge): Charge => ({
  tokens: Math.max(0, needed.tokens - held.tokens),
  nanoUsd: Math.max(0, needed.nanoUsd - held.nanoUsd),
});

const takes = (rules: readonly LimitRule[], cost: Cost): boolean =>
  rules.some((rule) => amountFor(rule, cost) > 0);

/** What is charged if this attempt is the last thing that anybody hears of. */
const floorWith = (bill: Bill, model: string, { floor }: Held): Actual => {
  const { total, byModel } = actualOf(bill);
  return {
    total: sum(total, floor),
    byModel: { ...byModel, [model]: sum(byModel[model] ?? NOTHING, floor) },
  };
};

/** Should nobody tell the end, those limits are charged that hold for whom it was asked. */
const tellAsking = (deps: Deps, { ask, bill }: Run, permit: Permit, model: string, hold: Held) => {
  if (permit.asking === model || permit.rules.every(({ models }) => models === undefined)) return;
  permit.asking = model;
  const { total, byModel } = floorWith(bill, model, hold);
  deps.limiter.progress(ask.caller, ask.requestId, { ...total, byModel });
};

/** False: some limit has no room for what is missing, and the attempt must not be made. */
export const cover = async (deps: Deps, run: Run, { model }: Target): Promise<boolean> => {
  const { permit, bill, ask } = run;
  const hold = permit?.holds.get(model);
  // Who was not asked to hold anything is not held to it; a target that could not be held for is not in the plan.
  if (permit === undefined || permit.rules.length === 0 || hold === undefined) return true;
  const { rules, covered } = permit;
  const known = covered.get(model);
  const more = missing(sum(committed(bill), hold.cost), permit.held);
  const moreOwn = missing(sum(committed(bill, model), hold.cost), known ?? NOTHING);
  const { requests, slots } = known === undefined ? hold.cost : { requests: 0, slots: 0 };
  const own = { requests, slots, ...moreOwn };
  const isMissing =
    takes(sharedRules(rules), { requests: 0, slots: 0, ...more }) ||
    takes(ownRules(rules, model), own);
  if (!isMissing) {
    tellAsking(deps, run, permit, model, hold);
    return true;
  }
  const floor = floorWith(bill, model, hold);
  const extension = { model, rules, more, own, floor };
  if (!(await deps.limiter.extend(ask.caller, ask.requestId, extension))) return false;
  permit.asking = model;
  covered.set(model, sum(known ?? NOTHING, moreOwn));
  permit.held = sum(permit.held, more);
  return true;
};
