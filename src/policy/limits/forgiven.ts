/**
 * Decides: what keeps a request from a provider, and not from an answer that is there already (config.md,
 * "Counting"); and which refusals are counted where they are decided.
 * Never: forgives a limit on requests or slots: what is given is a request, too.
 */
import type { ErrorCode } from "../../domain/error.ts";
import type { Admission, Denied } from "./admission.ts";

const FORGIVEN: ReadonlySet<string> = new Set<ErrorCode>([
  "budget_exceeded",
  "budget_held",
  "rate_limit_tokens",
  "request_exceeds_limit",
  "model_not_priced",
  "no_healthy_upstream",
]);

export const isForgiven = (code: string): boolean => FORGIVEN.has(code);

/**
 * Whoever asks for more than ever fits was not denied but wrong; who may yet be given a kept answer is counted by
 * whoever finds none.
 */
export const isCounted = ({ mayBeGiven }: Admission, { status, code }: Denied): boolean =>
  status !== 400 && !(mayBeGiven === true && isForgiven(code));
