/**
 * Decides: whether something else than the requested name goes first: a cheaper model because of a budget,
 * else the candidate of a canary.
 * Never: says whether those can serve; where none can, the requested name leads after all.
 */
import type { CanaryArm } from "../../domain/ledger-row.ts";
import type { Matter } from "./asked.ts";
import { budgetStep } from "./budget.ts";
import { canaryFor } from "./canary.ts";

/** Undone decisions, for the record. */
export type Shadow = { readonly section: "routing"; readonly decision: string };

export type Lead = {
  /** Go first, in this order; empty where the requested name does. */
  readonly names: readonly string[];
  /** As `x-headgate-route` says it, where the names serve. */
  readonly label: string;
  readonly canary: CanaryArm | undefined;
  readonly shadow: readonly Shadow[];
};

export const leadFor = (requested: string, { snapshot, asked, facts }: Matter): Lead => {
  const step = budgetStep(asked.policies, requested, facts.spendRatio);
  const decision = step === undefined ? "" : `budget:${step.step}`;
  if (step?.shadow === false) {
    return { names: step.names, label: decision, canary: undefined, shadow: [] };
  }
  const shadow: readonly Shadow[] = step === undefined ? [] : [{ section: "routing", decision }];
  const canaries = (snapshot.config.canaries ?? []).filter(
    ({ baseline }) => baseline === requested,
  );
  const drawn = canaryFor(canaries, asked.identity, facts.random);
  const candidate = drawn?.arm.arm === "candidate" ? [drawn.canary.candidate] : [];
  return {
    names: candidate,
    label: `canary:${drawn?.canary.id ?? ""}`,
    canary: drawn?.arm,
    shadow,
  };
};
