/**
 * Decides: which models a key may reach through a route.
 * Never: lets a denied model through, by any name.
 */
import type { Policy } from "../../domain/config/schema.ts";
import type { Snapshot } from "../../domain/config/snapshot.ts";
import { matchesAny, mayUse } from "../model-access.ts";
import { members } from "./members.ts";

/** What one level says: the models that it allows by name, or, where it names only the route, all of its. */
const allowedBy = (
  policy: Policy | undefined,
  route: string,
  models: readonly string[],
): readonly string[] => {
  const { allow, deny = [] } = policy?.models ?? {};
  const kept = models.filter((model) => !matchesAny(deny, model));
  if (allow === undefined) return kept;
  const named = kept.filter((model) => matchesAny(allow, model));
  return named.length === 0 && matchesAny(allow, route) ? kept : named;
};

/** A level that allows a route allows what it leads to; one that also names some of its models, only those. */
export const reachable = (
  policies: readonly (Policy | undefined)[],
  route: string,
  models: readonly string[],
): ReadonlySet<string> =>
  new Set(
    policies.reduce<readonly string[]>((left, policy) => allowedBy(policy, route, left), models),
  );

/** Whether a key may be given what the model has said: it may name the model, or a route that leads it there. */
export const mayBeGiven = (
  snapshot: Snapshot,
  policies: readonly (Policy | undefined)[],
  model: string,
): boolean =>
  mayUse(policies, model) ||
  Object.entries(snapshot.config.routes ?? {}).some(([name, route]) => {
    const models = members(snapshot, route).map(({ target }) => target.model);
    return reachable(policies, name, models).has(model);
  });
