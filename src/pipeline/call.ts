/**
 * Decides: which target is asked next, and when two are asked at once.
 * Never: asks a target that is not in the plan, or asks on once something has reached the caller.
 */
import { err, ok, type Result } from "../base/result.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Target } from "../domain/target.ts";
import { classifyFault } from "../policy/resilience/classify.ts";
import { decisive } from "../policy/resilience/decisive.ts";
import type { Deps } from "../ports.ts";
import type { Calling } from "./calling.ts";
import { hedged } from "./hedge.ts";
import type { Run } from "./run.ts";
import { tellServed } from "./served.ts";
import { type TargetOutcome, type Tried, type Tries, tryTarget } from "./try-target.ts";

/** Repeats in one request, all targets together (config.md, "Choosing"). */
const MOST_REPEATS = 2;

export type Called = Tried & {
  /** The targets of the plan that nobody has asked. */
  readonly unasked: Iterator<Target>;
};

/** What the plan has come to. */
export type CallOutcome = Result<Called, Failure | "caller_left">;

/** Milliseconds; undefined where nobody knows yet what is usual. */
const hedgeAfter = (deps: Deps, { hedge }: Calling, target: Target): number | undefined => {
  if (hedge === undefined) return undefined;
  const { after = "p95" } = hedge;
  return after === "p95" ? deps.health.view(target)?.firstTokenP95 : after;
};

/** The first answer worth giving; else the failure that says the most of what went wrong. */
export const call = async (deps: Deps, run: Run, calling: Calling): Promise<CallOutcome> => {
  const tries: Tries = { verdicts: [], repeats: MOST_REPEATS };
  const unasked = calling.plan.targets[Symbol.iterator]();
  const { signal: caller } = run.ask;
  const at =
    (target: Target) =>
    (signal: AbortSignal): Promise<TargetOutcome | undefined> =>
      tryTarget(deps, run, calling, tries, target, signal);

  /** The next target that its own retry budget lets a fallback come to. */
  const next = (isFirst: boolean): Target | undefined => {
    for (let each = unasked.next(); each.done !== true; each = unasked.next()) {
      if (isFirst || deps.health.mayRepeat(each.value)) return each.value;
      tries.verdicts.push({
        action: "next_target",
        failure: failure("no_healthy_upstream"),
        breaker: "ignore",
      });
    }
    return undefined;
  };
  const second = () => {
    const target = next(false);
    return target === undefined ? undefined : at(target);
  };

  for (let target = next(true); target !== undefined; target = next(false)) {
    if (deps.clock.now() >= calling.totalAt) {
      tries.verdicts.push(classifyFault({ fault: "timeout", phase: "total" }));
      break;
    }
    const after = hedgeAfter(deps, calling, target);
    const way = await (after === undefined
      ? at(target)(caller)
      : hedged({
          clock: deps.clock,
          caller,
          first: at(target),
          second,
          after,
          isAnswer: (found: TargetOutcome) => found.ok,
        }));
    if (way?.ok) {
      // Of two that were asked at once the record names the one that served.
      tellServed(run, calling.plan, way.value.target);
      return ok({ ...way.value, unasked });
    }
    if (way !== undefined) return way;
  }
  const [only] = tries.verdicts;
  return err(
    tries.verdicts.length === 1 && only !== undefined ? only.failure : decisive(tries.verdicts),
  );
};
