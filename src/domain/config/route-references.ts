/**
 * Decides: whether the routes of a configuration agree with its models.
 * Never: lets a route stand in a route: what a route lists are models, so that it cannot go in circles.
 */
import { TIERS } from "../target.ts";
import { RESERVED_NAMES } from "./names.ts";
import type { Fault, PathKey } from "./problems.ts";
import type { Config, Route } from "./schema.ts";

const modelFault = (config: Config, name: string): string | undefined => {
  if (Object.hasOwn(config.models, name)) return undefined;
  return Object.hasOwn(config.routes ?? {}, name)
    ? "a route lists models, not routes"
    : "no model of this name";
};

type Named = readonly [path: readonly PathKey[], model: string];

/** The models that a route names, each with where it stands. */
function members(route: Route): readonly Named[] {
  if (route.strategy === "complexity") {
    return TIERS.flatMap((tier) =>
      route.tiers[tier].map((name, index): Named => [["tiers", tier, index], name]),
    );
  }
  return route.models.flatMap((member, index): Named[] => {
    if (member === "*") return [];
    return typeof member === "string"
      ? [[["models", index], member]]
      : [[["models", index, "model"], member.model]];
  });
}

export function routeFaults(config: Config): Fault[] {
  return Object.entries(config.routes ?? {}).flatMap(([name, route]) => {
    const at = ["routes", name];
    const faults: Fault[] = [];
    if (RESERVED_NAMES.has(name)) faults.push([at, "this name has a meaning of its own"]);
    if (Object.hasOwn(config.models, name)) faults.push([at, "a model has this name already"]);
    for (const [path, model] of members(route)) {
      const fault = modelFault(config, model);
      if (fault !== undefined) faults.push([[...at, ...path], fault]);
    }
    const thresholds = route.strategy === "complexity" ? route.thresholds : undefined;
    if (thresholds !== undefined && thresholds.moderate >= thresholds.complex) {
      faults.push([[...at, "thresholds", "complex"], "must be above `moderate`"]);
    }
    return faults;
  });
}
