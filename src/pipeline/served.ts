/**
 * Decides: what the record says of who served, and instead of whom.
 * Never: names as fallen back from whom nobody wanted first.
 */
import type { Target } from "../domain/target.ts";
import type { Plan } from "../policy/routing/plan.ts";
import type { Run } from "./run.ts";

/** `plan`: as it was carried out; a limit may have closed its first target before that. */
export const tellServed = (run: Run, plan: Plan, { model, provider }: Target): void => {
  const { record, permit } = run;
  const wanted = permit?.wanted ?? plan.targets[0].model;
  record.model = model;
  record.provider = provider;
  if (model !== wanted) record.fallback_from = wanted;
};
