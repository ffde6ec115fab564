/**
 * Decides: which models and routes a caller may name.
 * Never: tells of one that the caller may not use.
 */
import type { Snapshot } from "../domain/config/snapshot.ts";
import type { Caller } from "../domain/tenant.ts";
import { mayUse } from "../policy/model-access.ts";
import { members } from "../policy/routing/members.ts";
import { reachable } from "../policy/routing/reach.ts";

export type ListedModel = { readonly id: string; readonly provider: string };

/** In the order of the configuration, models before routes. A route is the gateway's own. */
export const models = (snapshot: Snapshot, caller: Caller): readonly ListedModel[] => {
  const policies = [snapshot.policy, ...caller.policies];
  /** A route none of whose models the caller may use is of no use to him. */
  const routes = Object.entries(snapshot.config.routes ?? {}).filter(([name, route]) => {
    const names = members(snapshot, route).map(({ target }) => target.model);
    return reachable(policies, name, names).size > 0;
  });
  return [
    ...[...snapshot.targets.values()].map(({ model, provider }) => ({ id: model, provider })),
    ...routes.map(([id]) => ({ id, provider: "headgate" })),
  ].filter(({ id }) => mayUse(policies, id));
};
