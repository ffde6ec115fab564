/**
 * Decides: which refusals the end of another request may undo: it gives back money, tokens and slots.
 * Never: asks again; whoever knows of an end that is on its way does.
 */
import type { Denied } from "./admission.ts";

const FREED: ReadonlySet<string> = new Set<Denied["code"]>([
  "budget_exceeded",
  "budget_held",
  "rate_limit_tokens",
  "rate_limit_concurrency",
]);

export const isFreedByEnds = (answer: { readonly ok: boolean; readonly code?: string }): boolean =>
  !answer.ok && answer.code !== undefined && FREED.has(answer.code);
