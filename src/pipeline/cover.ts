/**
 * Decides: whether one more attempt is paid for: by what is held, or by more of it (machines.md section 2).
 * Never: lets an attempt be made that no limit has room for.
 */

import type { Target } from "../domain/target.ts";
import { ownRules } from "../policy/limits/evaluate.ts";
import type { Deps } from "../ports.ts";
import { committed } from "./bill.ts";
import type { Run } from "./run.ts";

export const cover = async (deps: Deps, run: Run, { model }: Target): Promise<boolean> => {
  const { permit, bill, ask } = run;
  const hold = permit?.holds.get(model);
  // Who was not asked to hold anything is not held to it; a target that could not be held for is not in the plan.
  if (permit === undefined || permit.rules.length === 0 || hold === undefined) return true;
  const { tokens, nanoUsd } = committed(bill);
  const needed = { tokens: tokens + hold.cost.tokens, nanoUsd: nanoUsd + hold.cost.nanoUsd };
  const more = {
    tokens: Math.max(0, needed.tokens - permit.held.tokens),
    nanoUsd: Math.max(0, needed.nanoUsd - permit.held.nanoUsd),
  };
  const isNew = !permit.covered.has(model) && ownRules(permit.rules, model).length > 0;
  const { rules } = permit;
  const counts = rules.some(({ unit }) => unit === "tokens" || unit === "usd");
  if (!isNew && (!counts || (more.tokens === 0 && more.nanoUsd === 0))) return true;
  const own = isNew ? hold.cost : { requests: 0, slots: 0, ...more };
  if (!(await deps.limiter.extend(ask.caller, ask.requestId, { model, rules, more, own }))) {
    return false;
  }
  permit.covered.add(model);
  permit.held = {
    tokens: permit.held.tokens + more.tokens,
    nanoUsd: permit.held.nanoUsd + more.nanoUsd,
  };
  return true;
};
