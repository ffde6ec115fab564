/**
 * Decides: what keeps a request from a provider, and not from an answer that is there already (config.md,
 * "Counting").
 * Never: forgives a limit on requests or slots: what is given is a request, too.
 */
import type { ErrorCode } from "../../domain/error.ts";

const FORGIVEN: ReadonlySet<string> = new Set<ErrorCode>([
  "budget_exceeded",
  "budget_held",
  "rate_limit_tokens",
  "request_exceeds_limit",
  "model_not_priced",
  "no_healthy_upstream",
]);

export const isForgiven = (code: string): boolean => FORGIVEN.has(code);
