/**
 * Decides: what becomes of a request that was not admitted: an error, or one more try as the caller that he
 * is by now, where what he may do has changed meanwhile.
 * Never: tries a second time.
 */
import { failure } from "../domain/error.ts";
import type { Caller } from "../domain/tenant.ts";
import type { Deps } from "../ports.ts";
import type { Refused } from "./admit.ts";
import type { Ask, Reply } from "./ask.ts";
import type { Run } from "./run.ts";
import { refuse } from "./settled.ts";

const scopeOf = ({ endpoint }: Ask) => (endpoint === "embeddings" ? "embeddings" : "chat");

/** The tags of the request, but that what was fixed on the key before gives way to what is by now. */
const tagsOf = ({ caller: before, controls }: Ask, caller: Caller): Ask["controls"]["tags"] => {
  const own = Object.entries(controls.tags).filter(([name]) => !Object.hasOwn(before.tags, name));
  return { ...Object.fromEntries(own), ...caller.tags };
};

export const turnedAway = async (
  deps: Deps,
  run: Run,
  why: Refused,
  story: (deps: Deps, ask: Ask) => Promise<Reply>,
): Promise<Reply> => {
  const { ask } = run;
  if (why !== "stale") return refuse(deps, run, why);
  if (ask.isRenewed === true) return refuse(deps, run, failure("limiter_unavailable"));
  const caller = await deps.keys.refresh(ask.caller);
  if (caller === undefined) return refuse(deps, run, failure("invalid_api_key"));
  // The door has looked at the scopes and tags of the caller that he was.
  const param = scopeOf(ask);
  if (!caller.scopes.has(param)) return refuse(deps, run, failure("scope_missing", { param }));
  const controls = { ...ask.controls, tags: tagsOf(ask, caller) };
  // It begins anew: nobody follows what it was before, and it ends with its own caller again.
  return story(deps, { ...ask, signal: run.caller, caller, controls, isRenewed: true });
};
