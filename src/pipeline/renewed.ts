/**
 * Decides: as whom a request goes on that was let in by what its key was: as the caller that he is by now.
 * Never: renews one twice.
 */
import { err, ok, type Result } from "../base/result.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Caller } from "../domain/tenant.ts";
import type { Deps } from "../ports.ts";
import type { Ask } from "./ask.ts";

const scopeOf = ({ endpoint }: Ask) => (endpoint === "embeddings" ? "embeddings" : "chat");

/** The tags of the request, but that what was fixed on the key before gives way to what is by now. */
const tagsOf = ({ caller: before, controls }: Ask, caller: Caller): Ask["controls"]["tags"] => {
  const own = Object.entries(controls.tags).filter(([name]) => !Object.hasOwn(before.tags, name));
  return { ...Object.fromEntries(own), ...caller.tags };
};

/** The failure where he may not go on. The door has looked at the scopes and tags of the caller that he was. */
export const renewed = async (deps: Deps, ask: Ask): Promise<Result<Ask, Failure>> => {
  if (ask.isRenewed === true) return err(failure("limiter_unavailable"));
  const caller = await deps.keys.refresh(ask.caller);
  if (caller === undefined) return err(failure("invalid_api_key"));
  const param = scopeOf(ask);
  if (!caller.scopes.has(param)) return err(failure("scope_missing", { param }));
  const controls = { ...ask.controls, tags: tagsOf(ask, caller) };
  return ok({ ...ask, caller, controls, isRenewed: true });
};
