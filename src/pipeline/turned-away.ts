/**
 * Decides: what becomes of a request that was not admitted: an error, or one more try as the caller that he
 * is by now, where what he may do has changed meanwhile.
 * Never: tries a second time.
 */
import { failure } from "../domain/error.ts";
import type { Deps } from "../ports.ts";
import type { Refused } from "./admit.ts";
import type { Ask, Reply } from "./ask.ts";
import type { Run } from "./run.ts";
import { refuse } from "./settled.ts";

export const turnedAway = async (
  deps: Deps,
  run: Run,
  why: Refused,
  story: (deps: Deps, ask: Ask) => Promise<Reply>,
): Promise<Reply> => {
  if (why !== "stale") return refuse(deps, run, why);
  if (run.ask.isRenewed === true) return refuse(deps, run, failure("limiter_unavailable"));
  const caller = await deps.keys.refresh(run.ask.caller);
  if (caller === undefined) return refuse(deps, run, failure("invalid_api_key"));
  // It begins anew: nobody follows what it was before, and it ends with its own caller again.
  return story(deps, { ...run.ask, signal: run.caller, caller, isRenewed: true });
};
