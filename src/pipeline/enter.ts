/**
 * Decides: how a request comes in: admitted for what it may cost – or, where a kept answer is there or an equal
 * request is under way, for one request and nothing else.
 * Never: lets anything past a limit on requests or slots.
 */
import { err, ok, type Result } from "../base/result.ts";
import type { Snapshot } from "../domain/config/snapshot.ts";
import { type ErrorCode, failure } from "../domain/error.ts";
import type { Plan } from "../policy/routing/plan.ts";
import type { Deps } from "../ports.ts";
import { admit, type Refused } from "./admit.ts";
import { found, seek } from "./recall.ts";
import { giveFree } from "./replay.ts";
import type { Run } from "./run.ts";
import type { Hit } from "./sought.ts";

/** What keeps a request from a provider, and not from an answer that is there already (config.md, "Counting"). */
const FORGIVEN: ReadonlySet<ErrorCode> = new Set([
  "budget_exceeded",
  "budget_held",
  "rate_limit_tokens",
  "request_exceeds_limit",
  "model_not_priced",
  "no_healthy_upstream",
]);

const isForgiven = (refused: Refused): boolean =>
  typeof refused === "object" && FORGIVEN.has(refused.code);

export type Entered = { readonly plan: Plan; readonly hit: Hit | undefined };

const admitted = async (
  deps: Deps,
  snapshot: Snapshot,
  run: Run,
): Promise<Result<Entered, Refused>> => {
  const { atHand, joined } = run.sought ?? {};
  const isOn = run.sought?.rules.mode === "on";
  const stake = isOn && atHand !== undefined ? "hit" : joined === undefined ? "whole" : "joined";
  const first = await admit(deps, snapshot, run, stake);
  const seen = await found(deps, snapshot, run);
  const hit = isOn ? seen : undefined;
  const again = !first.ok && hit !== undefined && stake !== "hit" && isForgiven(first.error);
  const plan = again ? await admit(deps, snapshot, run, "hit") : first;
  if (!plan.ok) return plan;
  if (!isOn && seen !== undefined) {
    run.record.shadow = [...run.record.shadow, { section: "cache", decision: "hit" }];
  }
  if (hit === undefined && run.ask.controls.cache === "only") {
    giveFree(run, plan.value.targets[0]);
    return err(failure("cache_miss"));
  }
  return ok({ plan: plan.value, hit });
};

export const enter = async (
  deps: Deps,
  snapshot: Snapshot,
  run: Run,
): Promise<Result<Entered, Refused>> => {
  await seek(deps, snapshot, run);
  const entered = await admitted(deps, snapshot, run);
  if (!entered.ok) run.sought?.lead?.end("lost");
  return entered;
};
