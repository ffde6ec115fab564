/**
 * Decides: which models a route stands for, each with its weight: `*` is every model that has what the
 * route requires.
 * Never: knows the request.
 */
import type { Route } from "../../domain/config/schema.ts";
import type { Snapshot } from "../../domain/config/snapshot.ts";
import type { Capability, Target } from "../../domain/target.ts";

export type Member = { readonly target: Target; readonly weight: number };

const named = (snapshot: Snapshot, model: string, weight: number): readonly Member[] => {
  const target = snapshot.targets.get(model);
  return target === undefined ? [] : [{ target, weight }];
};

const listed = (snapshot: Snapshot, route: Route): readonly Member[] => {
  if (route.strategy === "complexity") {
    const { simple, moderate, complex } = route.tiers;
    return [...simple, ...moderate, ...complex].flatMap((model) => named(snapshot, model, 1));
  }
  return route.models.flatMap((member): readonly Member[] => {
    if (member === "*")
      return [...snapshot.targets.values()].map((target) => ({ target, weight: 1 }));
    return typeof member === "string"
      ? named(snapshot, member, 1)
      : named(snapshot, member.model, member.weight);
  });
};

const requiredOf = (route: Route): readonly Capability[] =>
  route.strategy === "complexity" ? [] : (route.require ?? []);

const membersOf = (snapshot: Snapshot, route: Route): readonly Member[] => {
  const required = requiredOf(route);
  const seen = new Set<Target>();
  return listed(snapshot, route).filter(({ target }) => {
    if (seen.has(target) || !required.every((one) => target.capabilities.has(one))) return false;
    seen.add(target);
    return true;
  });
};

/** A route of a thousand models is worked out once for each version of the configuration. */
const known = new WeakMap<Snapshot, Map<Route, readonly Member[]>>();

/** Distinct, in the order of the configuration. */
export const members = (snapshot: Snapshot, route: Route): readonly Member[] => {
  const routes = known.get(snapshot) ?? new Map<Route, readonly Member[]>();
  known.set(snapshot, routes);
  const found = routes.get(route) ?? membersOf(snapshot, route);
  routes.set(route, found);
  return found;
};
