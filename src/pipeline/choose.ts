/**
 * Decides: the plan – which targets are tried, in which order – from the configuration that the
 * request began with.
 * Never: calls anybody, and never changes the order later.
 */
import { err, ok, type Result } from "../base/result.ts";
import type { Snapshot } from "../domain/config/snapshot.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Target } from "../domain/target.ts";
import { mayUse } from "../policy/model-access.ts";
import { missingTags } from "../policy/required-tags.ts";
import { PROVIDERS } from "../providers/index.ts";
import type { Operation } from "../providers/provider.ts";
import type { Ask } from "./ask.ts";
import type { Run } from "./run.ts";

export type Plan = {
  /** What the caller asked for, or the default model. */
  readonly requested: string;
  /** Distinct and never empty. */
  readonly targets: readonly [Target, ...Target[]];
};

const unknownModel = (param: string, name: string): Failure =>
  failure("model_not_found", { param, details: { model: name } });

const requestedName = (snapshot: Snapshot, ask: Ask): Result<string, Failure> => {
  const named = ask.body.value["model"] ?? snapshot.defaultModel;
  if (typeof named === "string" && named !== "") return ok(named);
  return err(failure("invalid_parameter", { param: "model" }));
};

/** Names after the first, in order; the caller's own list wins over the configuration's. */
const following = (snapshot: Snapshot, ask: Ask, requested: string): readonly string[] => {
  const { fallback } = ask.controls;
  if (fallback === "none") return [];
  return fallback ?? snapshot.fallbacksFor(requested);
};

/** What an operation can fall back to: a vector is worth something only beside others of its own model. */
const mayFollow = (first: Target, next: Target, operation: Operation): boolean =>
  operation !== "embeddings" || next.upstream === first.upstream;

export const choose = (snapshot: Snapshot, run: Run): Result<Plan, Failure> => {
  const { ask, operation, record } = run;
  const requested = requestedName(snapshot, ask);
  if (!requested.ok) return requested;
  const first = snapshot.targets.get(requested.value);
  if (first === undefined) return err(unknownModel("model", requested.value));
  const policies = [snapshot.policy, ...ask.caller.policies];
  if (!mayUse(policies, requested.value)) {
    return err(failure("model_not_allowed", { param: "model" }));
  }
  const missing = missingTags(policies, ask.controls.tags);
  if (missing.length > 0) return err(failure("missing_tags", { param: missing.join(",") }));
  // Tokens are counted here where the provider does not count them.
  if (operation !== "count_tokens" && !PROVIDERS[first.kind].operations.has(operation)) {
    return err(failure("unsupported_parameter", { param: "model" }));
  }
  const targets: [Target, ...Target[]] = [first];
  for (const name of following(snapshot, ask, requested.value)) {
    const next = snapshot.targets.get(name);
    if (next === undefined) return err(unknownModel("fallback_models", name));
    const fits =
      !targets.includes(next) &&
      mayUse(policies, name) &&
      PROVIDERS[next.kind].operations.has(operation) &&
      mayFollow(first, next, operation);
    if (fits) targets.push(next);
  }
  record.requested_model = requested.value;
  return ok({ requested: requested.value, targets });
};

/** Milliseconds since the epoch at which everything must be over; the caller can only shorten it. */
export const totalAt = ({ ask }: Run, { targets: [first] }: Plan): number =>
  ask.at + Math.min(first.timeouts.total_ms, ask.controls.timeoutMs ?? Number.POSITIVE_INFINITY);
