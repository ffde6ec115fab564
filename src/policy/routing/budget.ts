/**
 * Decides: from which share of a spent budget on requests go to cheaper models, and to which.
 * Never: refuses a request; a budget's end is the limits'. Never makes a caller's cheap choice dearer.
 */
import { BUDGET_ROUTING } from "../../domain/config/defaults.ts";
import type { Policy } from "../../domain/config/schema.ts";

type Routing = NonNullable<Policy["routing"]>;

export type BudgetStep = {
  readonly step: "middle" | "cheapest";
  readonly names: readonly string[];
  /** Decided and recorded, but not done. */
  readonly shadow: boolean;
};

/** The lowest level that sets a field decides, unless a higher one says `locked` (config.md, "Merging"). */
const merged = (policies: readonly (Policy | undefined)[]): Routing | undefined => {
  let routing: Routing | undefined;
  for (const policy of policies) {
    if (policy?.routing === undefined) continue;
    routing = { ...routing, ...policy.routing };
    if (routing.locked === true) return routing;
  }
  return routing;
};

/** `policies`: from the configuration down to the key. `spendRatio`: the highest over all USD rules. */
export const budgetStep = (
  policies: readonly (Policy | undefined)[],
  requested: string,
  spendRatio: number,
): BudgetStep | undefined => {
  const routing = merged(policies);
  if (routing === undefined || routing.mode === "off" || routing.budget === undefined) {
    return undefined;
  }
  const { alert = BUDGET_ROUTING.alert, hard = BUDGET_ROUTING.hard, middle } = routing.budget;
  const { cheapest } = routing.budget;
  const shadow = routing.mode === "shadow";
  if (spendRatio < alert || cheapest.includes(requested)) return undefined;
  if (spendRatio >= hard) return { step: "cheapest", names: cheapest, shadow };
  return middle.includes(requested) ? undefined : { step: "middle", names: middle, shadow };
};

/** The shares from which on a request may go another way, rising from 0; 0 alone where it never does. */
export const budgetThresholds = (policies: readonly (Policy | undefined)[]): readonly number[] => {
  const routing = merged(policies);
  if (routing?.budget === undefined || routing.mode === "off") return [0];
  const { alert = BUDGET_ROUTING.alert, hard = BUDGET_ROUTING.hard } = routing.budget;
  return [0, alert, hard];
};
