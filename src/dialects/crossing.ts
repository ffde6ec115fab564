/**
 * Decides: what becomes of the fields that only the caller's dialect knows when a request leaves it:
 * those that would change the answer are refused, hints are dropped and named.
 * Never: touches a request that stays in its dialect.
 */
import { err, ok, type Result } from "../base/result.ts";
import type { ChatRequest } from "../domain/chat.ts";
import type { DialectName } from "../domain/dialect-name.ts";
import { type Failure, failure } from "../domain/error.ts";
import { REFUSAL_DETAILS } from "./anthropic-messages/fields.ts";
import { defined } from "./defined.ts";

/** The first line of every request encoder: the hints dropped so far, to which it adds its own. */
export const crossing = (
  request: ChatRequest,
  from: DialectName,
  to: DialectName,
): Result<Set<string>, Failure> => {
  if (from === to) return ok(new Set());
  const refused = request.unportable?.[0];
  if (refused === undefined) return ok(new Set(request.hints));
  const details = from === "anthropic-messages" ? REFUSAL_DETAILS[refused] : undefined;
  return err(failure("unsupported_parameter", { param: refused, ...defined({ details }) }));
};
