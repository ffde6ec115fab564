/**
 * Decides: what a caller is told whom a limit has refused: which limit, how much of it, and when to come back.
 * Never: tells how much others have used: above the key's team only the limit itself is named.
 */
import { type Failure, failure } from "../domain/error.ts";
import { type Admission, type Denied, nameOf } from "../policy/limits/admission.ts";
import { isForgiven } from "../policy/limits/forgiven.ts";
import { inUnit } from "../policy/view/limits.ts";
import type { Admittance } from "../ports-account.ts";
import type { Run } from "./run.ts";

const detailsOf = (denied: Denied): Record<string, unknown> => {
  const { level, unit, per, limit, used, resetsAt } = denied;
  return {
    level,
    unit,
    per: per ?? null,
    limit: inUnit(denied, limit),
    ...(level !== "org" && { used: inUnit(denied, used) }),
    resets_at: new Date(resetsAt).toISOString(),
  };
};

type Refusal = Exclude<Admittance, { readonly ok: true } | { readonly code: "stale" }>;

/**
 * `now` in milliseconds since the epoch. Leaves the limit with the run, for its headers, and for the count of
 * refusals where that is not done yet.
 */
export const deniedFailure = (
  run: Run,
  denied: Refusal,
  { mayBeGiven = false }: Admission,
  now: number,
): Failure => {
  run.isTallied = false;
  run.deniedBy = undefined;
  if (denied.code === "revoked") return failure("invalid_api_key");
  if (denied.code === "unavailable") {
    return failure("limiter_unavailable", { retryAfterMs: denied.retryAfterMs });
  }
  const { unit, limit, remaining, resetsAt, retryAfterMs } = denied;
  if (unit === "requests" || unit === "tokens") {
    run.nearness = { [unit]: { limit, remaining, resetMs: Math.max(0, resetsAt - now) } };
  }
  run.isTallied = !(mayBeGiven && isForgiven(denied.code));
  run.deniedBy = nameOf(denied);
  return failure(denied.code, {
    details: detailsOf(denied),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(denied.status === 429 && { status: 429 }),
  });
};
