/**
 * Decides: how a limit and what is used of it are shown: in the unit's own measure, money in USD.
 * Never: counts.
 */
import { usd } from "../../base/money.ts";
import type { LimitRule } from "../../domain/limit.ts";
import type { Standing } from "../limits/counter.ts";

/** An amount of a limit in the measure that its unit is shown in. */
export const inUnit = ({ unit }: { readonly unit: string }, amount: number): number =>
  unit === "usd" ? usd(amount) : amount;

const timeOf = (ms: number): string => new Date(ms).toISOString();

/** As the holder of a key sees it. */
export const shownLimit = (rule: LimitRule, { used, remaining, resetsAt }: Standing) => ({
  level: rule.level,
  unit: rule.unit,
  per: rule.per ?? null,
  max: inUnit(rule, rule.max),
  used: inUnit(rule, used),
  remaining: inUnit(rule, remaining),
  resets_at: timeOf(resetsAt),
});

/** As an operator sees it: whose it is, how it counts, what is held of it. */
export const shownRule = (rule: LimitRule, standing: Standing) => {
  const { level, unit, per, ...rest } = shownLimit(rule, standing);
  return {
    level,
    id: rule.subject,
    unit,
    per,
    kind: rule.kind,
    ...rest,
    held: inUnit(rule, standing.held),
    mode: rule.mode,
    ...(rule.models !== undefined && { models: rule.models }),
  };
};
