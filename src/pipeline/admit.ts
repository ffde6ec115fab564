/**
 * Decides: whether the request may run, on which plan, and what is held for it: the plan for each share of
 * spent budget is made here, the organisation's account picks one and reserves for it at once.
 * Never: calls a model, and never goes on where nobody could be asked (bars.md P19).
 */
import { err, ok, type Result } from "../base/result.ts";
import type { Snapshot } from "../domain/config/snapshot.ts";
import { type Failure, failure } from "../domain/error.ts";
import { type Cost, type LimitRule, NO_COST } from "../domain/limit.ts";
import type { Target } from "../domain/target.ts";
import type { Caller } from "../domain/tenant.ts";
import type { Admission, Admitted, Option, Way } from "../policy/limits/admission.ts";
import { rulesAt } from "../policy/limits/evaluate.ts";
import { type Held, holdFor, type Unheld } from "../policy/limits/hold.ts";
import { needsSizes } from "../policy/limits/reserve.ts";
import { SLOT_RENEW_MS } from "../policy/limits/times.ts";
import { budgetThresholds } from "../policy/routing/budget.ts";
import type { Plan } from "../policy/routing/plan.ts";
import { type Deps, noHealth } from "../ports.ts";
import { actualOf, NOTHING } from "./bill.ts";
import { adopt, choose, loadJudge, totalAt } from "./choose.ts";
import { deniedFailure } from "./denied.ts";
import { rowOf } from "./ledger-row.ts";
import { limitsOf } from "./limits-of.ts";
import { pause } from "./pause.ts";
import type { Permit } from "./permit.ts";
import type { Run } from "./run.ts";

/** `stale`: the caller has to be read anew; what he may do has changed. */
export type Refused = Failure | "caller_left" | "stale";

/**
 * What is held for a request: all that it may cost, or itself alone. `hit`: its answer is there, nobody will be
 * asked. `joined`: an equal one is under way; should that fail, the rest is held before anybody is asked (cover.ts).
 */
type Stake = "whole" | "hit" | "joined";

/** One request, for as long as it runs. */
const ITSELF: Cost = { ...NO_COST, requests: 1, slots: 1 };

type Costed = { readonly plan: Plan; readonly holds: Map<string, Held> };

/** What each target would be held for. Those of which nobody can say are left out of the plan. */
const costed = (
  deps: Deps,
  run: Run,
  rules: readonly LimitRule[],
  plan: Plan,
  stake: Stake,
): Result<Costed, Failure> => {
  const holds = new Map<string, Held>();
  let unheld: Unheld | undefined;
  for (const target of plan.targets) {
    const reserve = stake === "hit" ? undefined : needsSizes(rulesAt(rules, target.model));
    const held = holdFor(target, run.sizes(), reserve, deps.learned.sizes(target.model));
    if (held.ok) holds.set(target.model, held.value);
    else unheld ??= held.error;
  }
  const [first, ...others] = plan.targets.filter(({ model }) => holds.has(model));
  if (first !== undefined) return ok({ plan: { ...plan, targets: [first, ...others] }, holds });
  return err(
    unheld === "unpriced"
      ? failure("model_not_priced", { param: "model", details: { model: plan.requested } })
      : failure("request_exceeds_limit", { details: { unbounded: true } }),
  );
};

const optionOf = ({ model }: Target, { cost, floor }: Held, stake: Stake): Option =>
  stake === "joined" ? { model, cost: ITSELF, floor: NOTHING } : { model, cost, floor };

const wayOf = (from: number, { plan, holds }: Costed, stake: Stake): Way => {
  const [first, ...others] = plan.targets.flatMap((target) => {
    const held = holds.get(target.model);
    return held === undefined ? [] : [optionOf(target, held, stake)];
  });
  if (first === undefined) throw new Error("a plan without a target");
  return { from, options: [first, ...others] };
};

/** A request has one turn on a route, however many plans are made for it. */
const withOneTurn = (deps: Deps): Deps => {
  const turns = new Map<string, number>();
  const turn = (route: string): number => {
    const own = turns.get(route) ?? deps.learned.turn(route);
    turns.set(route, own);
    return own;
  };
  return { ...deps, learned: { ...deps.learned, turn } };
};

/** The plan for each share of spent budget from which on it differs. */
const ladder = (
  deps: Deps,
  snapshot: Snapshot,
  run: Run,
  rules: readonly LimitRule[],
  stake: Stake,
): Result<readonly [{ from: number } & Costed, ...({ from: number } & Costed)[]], Failure> => {
  // Who is asked for nothing needs nobody who is well.
  const world = stake === "hit" ? { ...deps, health: noHealth } : deps;
  const [first, ...others] = rules.some(({ unit }) => unit === "usd")
    ? budgetThresholds([snapshot.policy, ...run.ask.caller.policies])
    : [0];
  const seen = others.length === 0 ? world : withOneTurn(world);
  const made = (from: number): Result<{ from: number } & Costed, Failure> => {
    const plan = choose(seen, snapshot, run, from);
    const cost = plan.ok ? costed(deps, run, rules, plan.value, stake) : plan;
    return cost.ok ? ok({ from, ...cost.value }) : cost;
  };
  const normal = made(first ?? 0);
  if (!normal.ok) return normal;
  const cheaper = others.map(made).flatMap((each) => (each.ok ? [each.value] : []));
  return ok([normal.value, ...cheaper]);
};

/** Slots are held for as long as somebody says that the request still runs. */
const renewing = (deps: Deps, run: Run, rules: readonly LimitRule[]): void => {
  if (!rules.some(({ unit }) => unit === "concurrent")) return;
  const renew = (): void => {
    // The timer goes with the request: taking it back costs more than keeping it.
    if (run.isSettled) return;
    // What is only held has not been seen: a crash must not charge it.
    const { total, byModel } = actualOf(run.bill);
    deps.limiter.progress(run.ask.caller, run.ask.requestId, { ...total, byModel });
    deps.clock.after(SLOT_RENEW_MS, renew);
  };
  deps.clock.after(SLOT_RENEW_MS, renew);
};

/** Under which equals elsewhere find each other. Who wants a fresh answer follows nobody, and tells nobody. */
const flightOf = ({ sought }: Run, stake: Stake): Pick<Admission, "flight"> =>
  stake === "whole" && sought?.lead !== undefined && sought.allowed.read
    ? { flight: sought.flight }
    : {};

/** Whether a kept answer is being looked for. */
const mayBeGiven = ({ sought }: Run, stake: Stake): boolean =>
  stake !== "hit" && sought?.rules.mode === "on" && sought.allowed.read;

/** What was asked, as it came; the mark is there long before a provider's answer is. */
const markPrompt = (deps: Deps, run: Run): void => {
  const { text, spans } = run.ask.body;
  const span = spans.get("messages") ?? spans.get("input");
  if (span === undefined) return;
  const mark = deps.promptHash(run.ask.caller.tenant, text.slice(span.start, span.end));
  run.marked = mark.then(
    (hash) => {
      run.promptHash = hash;
    },
    () => {},
  );
};

/** What the request may go on to use, as the account has granted it. */
const permitFor = (
  granted: Admitted,
  rules: readonly LimitRule[],
  { plan, holds }: Costed,
): Permit => {
  const { tokens, nanoUsd } = granted.held;
  const held = { tokens, nanoUsd };
  const [asking] = granted.models;
  return {
    ...{ granted, rules, holds, held, asking },
    wanted: plan.targets[0].model,
    // Of who has joined another they hold the request and its slot, and nothing that an attempt would cost.
    covered: new Map([[asking, held]]),
  };
};

const warn = (deps: Deps, { org, key }: Caller, { warned }: Admitted): void => {
  for (const limit of warned) deps.alerts.raise({ event: "budget.soft_limit", org, key, limit });
};

/** The plan on which it may run, without targets that limits of their own have closed. Leaves a permit with the run. */
export const admit = async (
  deps: Deps,
  snapshot: Snapshot,
  run: Run,
  stake: Stake = "whole",
): Promise<Result<Plan, Refused>> => {
  const { ask } = run;
  const rules = limitsOf(snapshot, run);
  if (snapshot.judgesTasks) run.judge ??= await loadJudge();
  const rungs = ladder(deps, snapshot, run, rules, stake);
  if (!rungs.ok) return rungs;
  const [normal, ...cheaper] = rungs.value;
  adopt(snapshot, run, normal.plan);
  const admission: Admission = {
    id: ask.requestId,
    rules,
    ...(mayBeGiven(run, stake) && { mayBeGiven: true }),
    ways: [
      wayOf(normal.from, normal, stake),
      ...cheaper.map((each) => wayOf(each.from, each, stake)),
    ],
    deadline: totalAt(run, normal.plan),
    ...flightOf(run, stake),
  };
  const asked = deps.clock.now();
  const answer = deps.limiter.admit(ask.caller, admission, rowOf(run));
  const granted = answer instanceof Promise ? await answer : answer;
  // Who is given a kept answer at a spent budget has been asked for twice.
  run.admitMs = (run.admitMs ?? 0) + deps.clock.now() - asked;
  if (!granted.ok) {
    if (granted.code === "stale") return err("stale");
    return err(deniedFailure(run, granted, admission, deps.clock.now()));
  }
  const rung = rungs.value[granted.way] ?? normal;
  const { plan } = rung;
  if (granted.way > 0) adopt(snapshot, run, plan);
  run.permit = permitFor(granted, rules, rung);
  renewing(deps, run, rules);
  markPrompt(deps, run);
  warn(deps, ask.caller, granted);
  run.record.shadow = [...plan.shadow, ...granted.shadow];
  if (granted.waitMs > 0) {
    await pause(deps.clock, granted.waitMs, ask.signal);
    if (ask.signal.aborted) return err("caller_left");
  }
  const open = new Set(granted.models);
  const [first, ...others] = plan.targets.filter(({ model }) => open.has(model));
  return ok(first === undefined ? plan : { ...plan, targets: [first, ...others] });
};
