/**
 * Decides: which targets a name stands for, in which order, for one request.
 * Never: lets a model serve that the key may not use; the caller's own choice is checked before.
 */
import { own } from "../../base/record.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type Failure, failure } from "../../domain/error.ts";
import type { Target } from "../../domain/target.ts";
import { mayUse } from "../model-access.ts";
import type { Matter } from "./asked.ts";
import { eligible } from "./eligible.ts";
import { members } from "./members.ts";
import { type Ordered, orderRoute } from "./route.ts";

const routeOf = ({ snapshot }: Matter, name: string) => {
  const { routes } = snapshot.config;
  return routes && own(routes, name);
};

const alone = (target: Target): Result<Ordered, Failure> =>
  ok({ targets: [target], verdict: undefined });

/**
 * `explicit`: the caller named it. Such a model is asked even where it seems unable: its provider knows
 * better, and the caller wants its answer.
 */
export const expand = (
  name: string,
  matter: Matter,
  explicit: boolean,
): Result<Ordered, Failure> => {
  const target = matter.snapshot.targets.get(name);
  if (target === undefined) {
    const route = routeOf(matter, name);
    return route === undefined
      ? err(failure("model_not_found", { param: "model", details: { model: name } }))
      : orderRoute(name, route, matter);
  }
  const { policies, serves } = matter.asked;
  if (!mayUse(policies, name)) return err(failure("model_not_allowed", { param: "model" }));
  if (!serves(target)) return err(failure("unsupported_parameter", { param: "model" }));
  if (explicit) return alone(target);
  const able = eligible([target], matter.asked.reading.needs());
  return able.ok ? alone(target) : able;
};

/** The one upstream model that an embeddings request may end at. */
export const anchorOf = (name: string, matter: Matter): string | undefined => {
  const route = routeOf(matter, name);
  const first =
    route === undefined
      ? matter.snapshot.targets.get(name)
      : members(matter.snapshot, route)[0]?.target;
  return first?.upstream;
};
