/**
 * Decides: which of the rules of a unit a caller is told of: the one that leaves the least.
 * Never: counts.
 */
import type { LimitRule } from "../../domain/limit.ts";
import type { Nearness } from "./admission.ts";
import type { Book } from "./book.ts";
import { COUNTERS } from "./counters.ts";
import { shareOf } from "./take.ts";

/** The rule of a unit that leaves the least, as a share of its maximum. */
export const nearest = (
  book: Book,
  rules: readonly LimitRule[],
  unit: "requests" | "tokens",
  now: number,
): Nearness | undefined => {
  let least = Number.POSITIVE_INFINITY;
  let found: Nearness | undefined;
  for (const rule of rules) {
    if (rule.unit !== unit || rule.mode !== "on") continue;
    const standing = COUNTERS[rule.kind].standing(book.rule(rule.id)?.state, rule, now);
    const share = 1 - shareOf(rule.max - standing.remaining, rule);
    if (share >= least) continue;
    least = share;
    const resetMs = Math.max(0, standing.resetsAt - now);
    found = { limit: rule.max, remaining: standing.remaining, resetMs };
  }
  return found;
};
