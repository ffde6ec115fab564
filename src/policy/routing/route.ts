/**
 * Decides: in which order a route's models are tried for one request.
 * Never: leaves out a model because it is down; the plan does, while another is left.
 */
import { err, ok, type Result } from "../../base/result.ts";
import type { Route } from "../../domain/config/schema.ts";
import { type Failure, failure } from "../../domain/error.ts";
import type { Target } from "../../domain/target.ts";
import { withAffinity } from "./affinity.ts";
import type { Matter } from "./asked.ts";
import type { Candidate, Moment } from "./candidate.ts";
import type { Verdict } from "./complexity/score.ts";
import { byTier } from "./complexity/tiers.ts";
import { eligible } from "./eligible.ts";
import { type Member, members } from "./members.ts";
import { reachable } from "./reach.ts";
import { standingOf } from "./standing.ts";
import { STRATEGIES } from "./strategies/strategies.ts";

export type Ordered = {
  readonly targets: readonly Target[];
  /** Of a complexity route. */
  readonly verdict: Verdict | undefined;
};

/** The models that this key may reach and that can do what is asked; never empty. */
const fitting = (
  name: string,
  route: Route,
  { snapshot, asked }: Matter,
): Result<readonly Member[], Failure> => {
  const all = members(snapshot, route);
  // A route that requires what no model has is the operator's to mend.
  if (all.length === 0) return err(failure("misconfigured", { param: `routes.${name}` }));
  const models = all.map(({ target }) => target.model);
  const reached = reachable(asked.policies, name, models);
  const allowed = all.filter(({ target }) => reached.has(target.model));
  if (allowed.length === 0) return err(failure("model_not_allowed", { param: "model" }));
  const serving = allowed.filter(({ target }) => asked.serves(target));
  if (serving.length === 0) return err(failure("unsupported_parameter", { param: "model" }));
  const able = eligible(
    serving.map(({ target }) => target),
    asked.reading.needs(),
  );
  if (!able.ok) return able;
  const left = new Set(able.value);
  return ok(serving.filter(({ target }) => left.has(target)));
};

const byStrategy = (
  name: string,
  route: Exclude<Route, { readonly strategy: "complexity" }>,
  candidates: readonly Candidate[],
  { asked, facts }: Matter,
): readonly Candidate[] => {
  const { now, random, turn } = facts;
  const moment: Moment = {
    now,
    random,
    stream: asked.stream,
    needs: asked.reading.needs,
    turn: () => turn(name),
  };
  const strategy = STRATEGIES[route.strategy];
  return withAffinity(asked.identity.session, strategy.order(candidates, moment), strategy, moment);
};

const orderOf = (
  name: string,
  route: Route,
  candidates: readonly Candidate[],
  matter: Matter,
): { readonly order: readonly Candidate[]; readonly verdict: Verdict | undefined } => {
  if (route.strategy !== "complexity") {
    return { order: byStrategy(name, route, candidates, matter), verdict: undefined };
  }
  const { asked, facts } = matter;
  if (facts.judge === undefined) throw new Error("nobody judges how hard the task is");
  const verdict = facts.judge(asked.reading.gist(), route);
  return { order: byTier(route.tiers, candidates, verdict), verdict };
};

/** A permutation of the models that can serve, those that are down at the end. */
export const orderRoute = (
  name: string,
  route: Route,
  matter: Matter,
): Result<Ordered, Failure> => {
  const fit = fitting(name, route, matter);
  if (!fit.ok) return fit;
  const { health, now } = matter.facts;
  const candidates = fit.value.map((member) => ({
    ...member,
    health: health(member.target.model),
  }));
  const isDown = (candidate: Candidate): boolean => standingOf(candidate.health, now) === "down";
  // Ordered apart: a turn or a lot that falls to one that is down would fall to its neighbour twice.
  const up = candidates.filter((candidate) => !isDown(candidate));
  const { order, verdict } = orderOf(name, route, up, matter);
  return ok({
    targets: [...order, ...candidates.filter(isDown)].map(({ target }) => target),
    verdict,
  });
};
