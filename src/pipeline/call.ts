/**
 * Decides: who is asked next – the same target again, its next credential, the next target, nobody.
 * Never: asks a target that is not in the plan, or asks on once something has reached the caller.
 */
import { err, ok, type Result } from "../base/result.ts";
import type { Failure } from "../domain/error.ts";
import type { Target } from "../domain/target.ts";
import { classifyFault, type Verdict } from "../policy/resilience/classify.ts";
import { decisive } from "../policy/resilience/decisive.ts";
import { waitBefore } from "../policy/resilience/retry.ts";
import type { Deps } from "../ports.ts";
import { attempt } from "./attempt.ts";
import type { Plan } from "./choose.ts";
import { lineFor } from "./lines.ts";
import type { Prepared } from "./prepare.ts";
import type { Run } from "./run.ts";
import { keysOf, lacking } from "./send.ts";
import type { Live, Whole } from "./trial.ts";

/** Repeats on the same target in one request, all targets together (config.md, "Choosing"). */
const MOST_REPEATS = 2;

export type Called = {
  readonly target: Target;
  readonly prepared: Prepared;
  readonly answer: Whole | Live;
  /** The targets of the plan that nobody has asked. */
  readonly unasked: Iterator<Target>;
};

export type Calling = {
  readonly plan: Plan;
  /** Milliseconds since the epoch at which the whole request must be over. */
  readonly totalAt: number;
  /** Nothing of a stream is shown before it is complete. */
  readonly toTheEnd: boolean;
  /** The body for one target. */
  readonly prepare: (target: Target) => Result<Prepared, Failure>;
};

const pause = (deps: Deps, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const cancel = deps.clock.after(ms, done);
    function done(): void {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });

export const call = async (
  deps: Deps,
  run: Run,
  calling: Calling,
): Promise<Result<Called, Failure | "caller_left">> => {
  const verdicts: Verdict[] = [];
  const unasked = calling.plan.targets[Symbol.iterator]();
  let repeats = 0;

  /** All tries at one target; undefined when the next one is to be asked. */
  const tryTarget = async (
    target: Target,
  ): Promise<Result<Called, Failure | "caller_left"> | undefined> => {
    const missing = lacking(deps, target);
    const prepared = missing === undefined ? calling.prepare(target) : err(missing);
    if (!prepared.ok) {
      // What this target cannot be given another may take; the first reason is told if none does.
      verdicts.push({ action: "next_target", failure: prepared.error, breaker: "ignore" });
      return undefined;
    }
    const keys = keysOf(deps, target);
    let key = 0;
    let own = 0;
    for (;;) {
      run.record.attempts += 1;
      run.record.model = target.model;
      run.record.provider = target.provider;
      if (target !== calling.plan.targets[0]) run.record.fallback_from = calling.plan.requested;
      run.askedAt ??= deps.clock.now();
      const outcome = await attempt(deps, {
        run,
        target,
        prepared: prepared.value,
        key: keys[key],
        totalAt: calling.totalAt,
        toTheEnd: calling.toTheEnd,
        createLine: () => lineFor(run, target, prepared.value, deps.clock.now()),
      });
      if (outcome.ok) {
        return ok({ target, prepared: prepared.value, answer: outcome.value, unasked });
      }
      if (outcome.error === "caller_left") return err("caller_left");
      const verdict = outcome.error;
      verdicts.push(verdict);
      if (verdict.action === "tell_caller") return err(verdict.failure);
      if (verdict.action === "next_target") return undefined;
      if (verdict.action === "next_credential") {
        key += 1;
        if (key >= keys.length) return undefined;
        continue;
      }
      // A caller whose SDK repeats by itself must not have each repeat multiplied here.
      const may = run.ask.controls.clientRetries === 0 && own < target.maxRetries;
      const wait = waitBefore(own, verdict.failure.retryAfterMs, deps.random);
      if (!may || repeats >= MOST_REPEATS) return undefined;
      if (deps.clock.now() + wait >= calling.totalAt) return undefined;
      own += 1;
      repeats += 1;
      await pause(deps, wait, run.ask.signal);
      if (run.ask.signal.aborted) return err("caller_left");
    }
  };

  for (let next = unasked.next(); next.done !== true; next = unasked.next()) {
    if (deps.clock.now() >= calling.totalAt) {
      verdicts.push(classifyFault({ fault: "timeout", phase: "total" }));
      break;
    }
    const result = await tryTarget(next.value);
    if (result !== undefined) return result;
  }
  const [only] = verdicts;
  return err(verdicts.length === 1 && only !== undefined ? only.failure : decisive(verdicts));
};
