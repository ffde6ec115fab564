/**
 * Decides: what the plan is made of – the request's own words, the configuration it began with, and
 * what is known of the targets at this moment. The decision itself is policy/routing.
 * Never: calls anybody, and never changes the order later.
 */
import { err, type Result } from "../base/result.ts";
import type { Snapshot } from "../domain/config/snapshot.ts";
import { type Failure, failure } from "../domain/error.ts";
import { missingTags } from "../policy/required-tags.ts";
import { type Plan, plan } from "../policy/routing/plan.ts";
import type { Deps } from "../ports.ts";
import { PROVIDERS } from "../providers/index.ts";
import type { Run } from "./run.ts";

/** The spend ratio that budget routing goes by; nothing is counted before there are budgets. */
const NOTHING_SPENT = 0;

export const choose = (deps: Deps, snapshot: Snapshot, run: Run): Result<Plan, Failure> => {
  const { ask, operation, record } = run;
  const { caller, controls } = ask;
  const policies = [snapshot.policy, ...caller.policies];
  const missing = missingTags(policies, controls.tags);
  if (missing.length > 0) return err(failure("missing_tags", { param: missing.join(",") }));
  const planned = plan(
    snapshot,
    {
      dialect: ask.dialect,
      body: ask.body.value,
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
      spendRatio: NOTHING_SPENT,
      turn: deps.learned.turn,
    },
  );
  if (!planned.ok) return planned;
  record.requested_model = planned.value.requested;
  record.route = planned.value.route;
  const { canary: side } = planned.value;
  const definition = snapshot.config.canaries?.find(({ id }) => id === side?.id);
  record.canary = side;
  if (definition !== undefined && side !== undefined) run.canary = { ...definition, arm: side.arm };
  return planned;
};

/** Milliseconds since the epoch at which everything must be over; the caller can only shorten it. */
export const totalAt = ({ ask }: Run, { targets: [first] }: Plan): number =>
  ask.at + Math.min(first.timeouts.total_ms, ask.controls.timeoutMs ?? Number.POSITIVE_INFINITY);
