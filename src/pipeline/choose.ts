/**
 * Decides: what the plan is made of – the request's own words, the configuration it began with, and
 * what is known of the targets at this moment. The decision itself is policy/routing.
 * Never: calls anybody, and never changes the order later.
 */
import { err, type Result } from "../base/result.ts";
import type { Snapshot } from "../domain/config/snapshot.ts";
import { type Failure, failure } from "../domain/error.ts";
import { missingTags } from "../policy/required-tags.ts";
import type { Judge } from "../policy/routing/asked.ts";
import { type Plan, plan } from "../policy/routing/plan.ts";
import type { Deps } from "../ports.ts";
import { PROVIDERS } from "../providers/index.ts";
import type { Run } from "./run.ts";

/** Loaded when a configuration first asks for it: most have no route that does. */
export const loadJudge = async (): Promise<Judge> =>
  (await import("../policy/routing/complexity/score.ts")).scoreOf;

/** `spendRatio`: what share of a budget is to be taken as spent. */
export const choose = (
  deps: Deps,
  snapshot: Snapshot,
  run: Run,
  spendRatio: number,
): Result<Plan, Failure> => {
  const { ask, operation } = run;
  const { caller, controls } = ask;
  const policies = [snapshot.policy, ...caller.policies];
  const missing = missingTags(policies, controls.tags);
  if (missing.length > 0) return err(failure("missing_tags", { param: missing.join(",") }));
  return plan(
    snapshot,
    {
      reading: run.reading,
      model: ask.body.value["model"],
      fallback: controls.fallback,
      policies,
      identity: { user: controls.user ?? caller.user, session: controls.session, key: caller.key },
      stream: run.stream,
      embeddings: operation === "embeddings",
      // Tokens are counted here where the provider does not count them.
      serves: (target) =>
        operation === "count_tokens" || PROVIDERS[target.kind].operations.has(operation),
    },
    {
      health: (model) => {
        const target = snapshot.targets.get(model);
        return target === undefined ? undefined : deps.health.view(target);
      },
      now: deps.clock.now(),
      random: deps.random,
      spendRatio,
      turn: deps.learned.turn,
      judge: run.judge,
    },
  );
};

/** The facts of the plan that the request runs on. */
export const adopt = (snapshot: Snapshot, run: Run, chosen: Plan): void => {
  const { record } = run;
  record.requested_model = chosen.requested;
  record.route = chosen.route;
  const { canary: side } = chosen;
  const definition = snapshot.config.canaries?.find(({ id }) => id === side?.id);
  record.canary = side;
  run.canary =
    definition !== undefined && side !== undefined ? { ...definition, arm: side.arm } : undefined;
};

/** Milliseconds since the epoch at which everything must be over; the caller can only shorten it. */
export const totalAt = ({ ask }: Run, { targets: [first] }: Plan): number =>
  ask.at + Math.min(first.timeouts.total_ms, ask.controls.timeoutMs ?? Number.POSITIVE_INFINITY);
