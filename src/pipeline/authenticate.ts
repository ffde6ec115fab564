/**
 * Decides: who asks. The first stage, run by the door for every route of class "data".
 * Never: says why a key was refused: forged, unknown, expired and revoked look the same.
 */
import { err, type Result } from "../base/result.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Caller } from "../domain/tenant.ts";
import type { Deps } from "../ports.ts";

export const authenticate = async (deps: Deps, token: string): Promise<Result<Caller, Failure>> => {
  const caller = await deps.keys.verify(token);
  if (caller.ok) return caller;
  return err(failure(caller.error === "wrong_class" ? "scope_missing" : "invalid_api_key"));
};
