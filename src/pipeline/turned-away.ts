/**
 * Decides: what becomes of a request that was not admitted: an error, or one more try as the caller that he
 * is by now, where what he may do has changed meanwhile.
 * Never: tries a second time.
 */
import type { Deps } from "../ports.ts";
import type { Refused } from "./admit.ts";
import type { Ask, Reply } from "./ask.ts";
import { renewed } from "./renewed.ts";
import type { Run } from "./run.ts";
import { refuse } from "./settled.ts";

export const turnedAway = async (
  deps: Deps,
  run: Run,
  why: Refused,
  story: (deps: Deps, ask: Ask) => Promise<Reply>,
): Promise<Reply> => {
  if (why !== "stale") return refuse(deps, run, why);
  const again = await renewed(deps, run.ask);
  if (!again.ok) return refuse(deps, run, again.error);
  // It begins anew: nobody follows what it was before, and it ends with its own caller again.
  return story(deps, { ...again.value, signal: run.caller });
};
