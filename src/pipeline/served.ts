/**
 * Decides: what the record says of who served, and instead of whom.
 * Never: names as fallen back from whom nobody wanted first.
 */
import type { Target } from "../domain/target.ts";
import type { Plan } from "../policy/routing/plan.ts";
import type { Run } from "./run.ts";

/**
 * `plan`: as it was carried out. Its first target may have been closed by a limit before that, and the model
 * that the caller has named may have been left out because it is down.
 */
export const tellServed = (run: Run, plan: Plan, { model, provider }: Target): void => {
  const { record, permit } = run;
  const isNamed = plan.route === "direct";
  const wanted = isNamed ? plan.requested : (permit?.wanted ?? plan.targets[0].model);
  record.model = model;
  record.provider = provider;
  if (model !== wanted) record.fallback_from = wanted;
};
