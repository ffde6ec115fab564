/**
 * Decides: the plan of one request – which targets are tried, in which order, and why – from what was asked,
 * the configuration that the request began with, and what is known of the targets' health.
 * Never: calls anybody, keeps state, or reads more of the request than a choice between models needs.
 */
import { err, ok, type Result } from "../../base/result.ts";
import type { Snapshot } from "../../domain/config/snapshot.ts";
import { type Failure, failure } from "../../domain/error.ts";
import type { CanaryArm } from "../../domain/ledger-row.ts";
import type { Target } from "../../domain/target.ts";
import { mayUse } from "../model-access.ts";
import type { Asked, Facts, Matter } from "./asked.ts";
import type { Verdict } from "./complexity/score.ts";
import { anchorOf, expand } from "./expand.ts";
import { orderByHealth } from "./health-order.ts";
import { type Lead, leadFor, type Shadow } from "./lead.ts";
import type { Ordered } from "./route.ts";

export type Plan = {
  /** What the caller asked for, or the default model. */
  readonly requested: string;
  /** As `x-headgate-route` says it: `direct`, `auto;tier=simple;reasons=routine`, `canary:next`, `budget:middle`. */
  readonly route: string;
  /** Distinct. */
  readonly targets: readonly [Target, ...Target[]];
  /** Of a request for a canary's baseline, in either arm. */
  readonly canary: CanaryArm | undefined;
  /** What was decided in shadow mode and not done. */
  readonly shadow: readonly Shadow[];
};

const exists = (snapshot: Snapshot, name: string): boolean =>
  snapshot.targets.has(name) || Object.hasOwn(snapshot.config.routes ?? {}, name);

const unknownModel = (param: string, model: string): Failure =>
  failure("model_not_found", { param, details: { model } });

const requestedName = (snapshot: Snapshot, asked: Asked): Result<string, Failure> => {
  const name = asked.model ?? snapshot.defaultModel;
  if (typeof name !== "string" || name === "") {
    return err(failure("invalid_parameter", { param: "model" }));
  }
  if (!exists(snapshot, name)) return err(unknownModel("model", name));
  if (!mayUse(asked.policies, name)) return err(failure("model_not_allowed", { param: "model" }));
  return ok(name);
};

/** What comes after the requested name: the caller's own list, else the configuration's chain. */
const followers = (
  snapshot: Snapshot,
  { fallback }: Asked,
  requested: string,
): Result<readonly string[], Failure> => {
  if (fallback === "none") return ok([]);
  if (fallback === undefined) return ok(snapshot.fallbacksFor(requested));
  const unknown = fallback.find((name) => !exists(snapshot, name));
  return unknown === undefined ? ok(fallback) : err(unknownModel("fallback_models", unknown));
};

type Assembled = {
  readonly route: string;
  readonly targets: readonly Target[];
  readonly canary: CanaryArm | undefined;
};

const expandAll = (names: readonly string[], matter: Matter): readonly Ordered[] =>
  names.flatMap((name) => {
    const expanded = expand(name, matter, false);
    return expanded.ok ? [expanded.value] : [];
  });

const targetsOf = (ordered: readonly Ordered[]): readonly Target[] =>
  ordered.flatMap(({ targets }) => targets);

/** How a name was resolved; reasons are words of ours and the name is a header's word by its pattern. */
const routeValue = (name: string, matter: Matter, verdict: Verdict | undefined): string => {
  if (matter.snapshot.targets.has(name)) return "direct";
  if (verdict === undefined) return name;
  return `${name};tier=${verdict.tier};reasons=${verdict.reasons.join(",")}`;
};

/** What goes first, the requested name, what follows it. */
const assemble = (
  requested: string,
  after: readonly string[],
  lead: Lead,
  matter: Matter,
): Result<Assembled, Failure> => {
  const leading = expandAll(lead.names, matter);
  const [first] = leading;
  if (first !== undefined && matter.asked.fallback === "none") {
    return ok({
      route: lead.label,
      targets: targetsOf(leading),
      canary: lead.canary,
    });
  }
  const own = expand(requested, matter, true);
  const following = expandAll(after, matter);
  const targets = targetsOf([...leading, ...(own.ok ? [own.value] : []), ...following]);
  // Who names a model that cannot do this at all is told so; of a route another may take the place.
  if (!own.ok && (targets.length === 0 || matter.snapshot.targets.has(requested))) return own;
  const verdict = own.ok ? own.value.verdict : undefined;
  return ok({
    route: first === undefined ? routeValue(requested, matter, verdict) : lead.label,
    targets,
    // Whoever cannot be given the candidate takes no part in the comparison.
    canary: first === undefined && lead.names.length > 0 ? undefined : lead.canary,
  });
};

/** Distinct, and for embeddings of one upstream model only. */
const narrowed = (
  requested: string,
  targets: readonly Target[],
  matter: Matter,
): readonly Target[] => {
  const distinct = [...new Set(targets)];
  if (!matter.asked.embeddings) return distinct;
  const anchor = anchorOf(requested, matter);
  return distinct.filter(({ upstream }) => upstream === anchor);
};

/** Fails with 404, 403 or 400 where nothing can serve, with 503 and a time where all that can are down. */
export const plan = (snapshot: Snapshot, asked: Asked, facts: Facts): Result<Plan, Failure> => {
  const named = requestedName(snapshot, asked);
  if (!named.ok) return named;
  const requested = named.value;
  const after = followers(snapshot, asked, requested);
  if (!after.ok) return after;
  const matter: Matter = { snapshot, asked, facts };
  const lead = leadFor(requested, matter);
  const assembled = assemble(requested, after.value, lead, matter);
  if (!assembled.ok) return assembled;
  const { route, canary } = assembled.value;
  const targets = narrowed(requested, assembled.value.targets, matter);
  const pinned = snapshot.targets.get(requested);
  const healthy = orderByHealth(targets, pinned, facts);
  if (!healthy.ok) return healthy;
  return ok({ requested, route, targets: healthy.value, canary, shadow: lead.shadow });
};
