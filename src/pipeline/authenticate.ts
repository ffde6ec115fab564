/**
 * Decides: who asks. The first stage, run by the door for every route of class "data".
 * Never: says why a key was refused: forged, unknown, expired and revoked look the same.
 */
import { err, ok, type Result } from "../base/result.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Caller } from "../domain/tenant.ts";
import type { Deps } from "../ports.ts";

/** Fails with `invalid_api_key`; with `scope_missing` for a live key of the other class. */
export const authenticate = async (deps: Deps, token: string): Promise<Result<Caller, Failure>> => {
  const caller = await deps.keys.verify(token);
  if (caller.ok) return caller;
  return err(failure(caller.error === "wrong_class" ? "scope_missing" : "invalid_api_key"));
};

/**
 * The caller as he is now, for routes behind which nothing admits him: an isolate goes on for seconds with a key
 * that was changed or revoked elsewhere. Where his organisation cannot be asked, he is who he was.
 */
export const renew = async (deps: Deps, caller: Caller): Promise<Result<Caller, Failure>> => {
  const judged = await deps.account.judge(caller);
  if (!judged.ok || judged.value === "live") return ok(caller);
  const renewed = judged.value === "stale" ? await deps.keys.refresh(caller) : undefined;
  return renewed === undefined ? err(failure("invalid_api_key")) : ok(renewed);
};
