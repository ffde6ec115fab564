/**
 * Decides: which of equal requests may be given one answer although their limits differ: those that cut it at the
 * same length. A limit caps an answer for which nobody has stated a cap.
 * Never: tells those apart who state a cap, or whose limits cut nothing.
 */
import type { Snapshot } from "../domain/config/snapshot.ts";
import type { LimitRule } from "../domain/limit.ts";
import type { Target } from "../domain/target.ts";
import { rulesAt, sharedRules } from "../policy/limits/evaluate.ts";
import { holdFor } from "../policy/limits/hold.ts";
import { outputCapFor } from "../policy/limits/output-cap.ts";
import { needsSizes } from "../policy/limits/reserve.ts";
import { members } from "../policy/routing/members.ts";
import type { Deps } from "../ports.ts";
import { limitsOf } from "./limits-of.ts";
import type { Run } from "./run.ts";

/** Where more models may answer, those are equal whose limits are: that is known at once. */
const MOST_TARGETS = 16;

/** All that may come into the plan: budgets and canaries have other models go first. */
const namesOf = (snapshot: Snapshot, { ask }: Run, asked: string): readonly string[] => {
  const { fallback = snapshot.fallbacksFor(asked) } = ask.controls;
  const canaries = snapshot.config.canaries ?? [];
  const budgets = [snapshot.policy, ...ask.caller.policies].map(({ routing }) => routing?.budget);
  return [
    asked,
    ...(fallback === "none" ? [] : fallback),
    ...canaries.flatMap(({ baseline, candidate }) => (baseline === asked ? candidate : [])),
    ...budgets.flatMap((budget) => [...(budget?.middle ?? []), ...(budget?.cheapest ?? [])]),
  ];
};

const targetsOf = (snapshot: Snapshot, name: string): readonly Target[] => {
  const target = snapshot.targets.get(name);
  if (target !== undefined) return [target];
  const { routes = {} } = snapshot.config;
  const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
  return route === undefined ? [] : members(snapshot, route).map((member) => member.target);
};

/** All that caps depend on, for whomever is asked. */
const textOf = (rules: readonly LimitRule[]): string => {
  const own = rules.flatMap(({ unit, kind, max, burst, models }) =>
    models === undefined ? [] : [unit, kind === "bucket" ? burst : max, models],
  );
  const { mostTokens, mostNanoUsd } = needsSizes(sharedRules(rules)) ?? {};
  return JSON.stringify([mostTokens, mostNanoUsd, ...own]);
};

/**
 * `asked`: the model or route. Equal for those whose answers are cut alike; empty where no limit cuts them: only
 * where a hold is a true bound it does.
 */
export const flightCaps = (deps: Deps, snapshot: Snapshot, run: Run, asked: string): string => {
  if (run.operation !== "chat") return "";
  const rules = limitsOf(snapshot, run).filter(
    ({ unit, mode }) => mode === "on" && (unit === "tokens" || unit === "usd"),
  );
  const cutNothing = rules.every(({ strict }) => !strict);
  if (cutNothing || run.sizes().output().cap !== undefined) return "";
  const targets = new Set(
    namesOf(snapshot, run, asked).flatMap((name) => targetsOf(snapshot, name)),
  );
  if (targets.size > MOST_TARGETS) return textOf(rules);
  const cuts = [...targets].flatMap((target) => {
    const { model } = target;
    const reserve = needsSizes(rulesAt(rules, model));
    const held = holdFor(target, run.sizes(), reserve, deps.learned.sizes(model));
    // Whoever cannot be held for there is not sent there.
    const cap = held.ok ? held.value.outputCap : undefined;
    return cap === undefined || cap === outputCapFor(target, run.sizes()) ? [] : `${model}=${cap}`;
  });
  return cuts.sort().join();
};
