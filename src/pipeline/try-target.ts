/**
 * Decides: how often one target is asked, and with which of its credentials.
 * Never: asks another one.
 */
import { err, ok, type Result } from "../base/result.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Target } from "../domain/target.ts";
import type { Verdict } from "../policy/resilience/classify.ts";
import { waitBefore } from "../policy/resilience/retry.ts";
import type { Deps } from "../ports.ts";
import type { Calling } from "./calling.ts";
import { dispatch } from "./dispatch.ts";
import { lineFor } from "./lines.ts";
import { pause } from "./pause.ts";
import type { Prepared } from "./prepare.ts";
import type { Run } from "./run.ts";
import { credentialsOf, lacking } from "./send.ts";
import type { Live, Whole } from "./trial.ts";

export type Tried = {
  readonly target: Target;
  readonly prepared: Prepared;
  readonly answer: Whole | Live;
};

/** What one target has come to. A failure ends the request: no other target is to be asked. */
export type TargetOutcome = Result<Tried, Failure | "caller_left">;

/** What the targets of one request share. */
export type Tries = {
  /** All that went wrong so far. */
  readonly verdicts: Verdict[];
  /** Repeats that are left, all targets together. */
  repeats: number;
};

/** All tries at one target; undefined when the next one is to be asked. `signal`: the caller, or losing. */
export const tryTarget = async (
  deps: Deps,
  run: Run,
  calling: Calling,
  tries: Tries,
  target: Target,
  signal: AbortSignal,
): Promise<TargetOutcome | undefined> => {
  if (signal.aborted) return err("caller_left");
  const next = (fail: Failure): undefined => {
    tries.verdicts.push({ action: "next_target", failure: fail, breaker: "ignore" });
    return undefined;
  };
  const missing = lacking(deps, target);
  if (missing !== undefined) return next(missing);
  const prepared = calling.prepare(target);
  // What this target cannot be given another may take; the first reason is told if none does.
  if (!prepared.ok) return next(prepared.error);
  const isLast = calling.plan.targets.at(-1) === target;
  const credentials = credentialsOf(deps, target, isLast);
  if (credentials.length === 0) return next(failure("upstream_auth_failed"));

  let at = 0;
  let own = 0;
  for (let used = credentials[at]; used !== undefined; ) {
    const outcome = await dispatch(deps, {
      ...used,
      run,
      target,
      repeat: own > 0 || target !== calling.plan.targets[0],
      signal,
      prepared: prepared.value,
      totalAt: calling.totalAt,
      toTheEnd: calling.toTheEnd,
      createLine: () => lineFor(run, target, prepared.value, deps.clock.now()),
    });
    if (outcome.ok) return ok({ target, prepared: prepared.value, answer: outcome.value });
    if (outcome.error === "caller_left") return err("caller_left");
    const verdict = outcome.error;
    tries.verdicts.push(verdict);
    if (verdict.action === "tell_caller" && !mayGoOn(calling, verdict)) return err(verdict.failure);
    if (verdict.action === "next_target" || verdict.action === "tell_caller") return undefined;
    if (verdict.action === "next_credential") {
      at += 1;
      used = credentials[at];
      continue;
    }
    // Nobody is there: whoever else is in the plan is asked rather than the same address again.
    if (!isLast && verdict.failure.code === "upstream_unreachable") return undefined;
    // A caller whose SDK repeats by itself must not have each repeat multiplied here.
    const may = run.ask.controls.clientRetries === 0 && own < target.maxRetries;
    const wait = waitBefore(own, verdict.failure.retryAfterMs, deps.random);
    if (!may || tries.repeats <= 0 || !deps.health.mayRepeat(target)) return undefined;
    // Less time than its first token usually takes would be thrown away on it.
    const usual = deps.health.view(target)?.firstTokenP50 ?? 0;
    if (deps.clock.now() + wait + usual >= calling.totalAt) return undefined;
    own += 1;
    tries.repeats -= 1;
    await pause(deps.clock, wait, signal);
    if (signal.aborted) return err("caller_left");
  }
  return undefined;
};

/** The caller's own faults end the request, unless the configuration would have others judge them too. */
const mayGoOn = ({ fallbackOn }: Calling, { failure: { code } }: Verdict): boolean =>
  (code === "content_filtered" && fallbackOn.includes("content_filter")) ||
  (code === "invalid_parameter" && fallbackOn.includes("invalid_request"));
