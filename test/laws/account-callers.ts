/**
 * Decides: what callers and isolates say in the account's laws: what a request came to, what a block has to hold.
 * Never: knows what the account makes of it.
 */
import type { Cost, LimitRule } from "../../src/domain/limit.ts";
import type { Actual } from "../../src/policy/limits/came-to.ts";
import type { Entry } from "./account-entry.ts";
import type { Step } from "./account-script.ts";

export const pick = <T>(from: Iterable<T>, at: number): T | undefined => {
  const all = [...from];
  return all[at % Math.max(1, all.length)];
};

/** What no rule counts needs not be in a block. */
export const blockCost = (cost: Cost, rules: readonly LimitRule[]): Cost => {
  const has = (unit: LimitRule["unit"]) => Number(rules.some((rule) => rule.unit === unit));
  return {
    requests: 1,
    tokens: has("tokens") * cost.tokens,
    nanoUsd: has("usd") * cost.nanoUsd,
    slots: has("concurrent"),
  };
};

/** An end as the caller would tell it; where he is honest, of no more than is held for it. */
export const actualOf = (
  { size, share, models }: Pick<Step, "size" | "share" | "models">,
  { parts, model }: Pick<Entry, "parts" | "model">,
  honest: boolean,
): Actual => {
  const groups = Map.groupBy(parts, (part) => `${part.rule.id} ${part.model}`);
  const most = (unit: LimitRule["unit"]): number =>
    [...groups.values()]
      .filter(([part]) => part?.rule.unit === unit)
      .filter(([part]) => part?.model === undefined || part.model === model)
      .map((group) => group.reduce((sum, { amount }) => sum + amount, 0))
      .reduce((least, sum) => Math.min(least, sum), Number.MAX_SAFE_INTEGER);
  const used = (unit: "tokens" | "usd", wish: number): number =>
    Math.floor(share * (honest ? Math.min(wish, most(unit)) : 2 * wish));
  if (models === 0) return { total: { tokens: 0, nanoUsd: 0 }, byModel: {} };
  const total = { tokens: used("tokens", size.tokens), nanoUsd: used("usd", size.nanoUsd) };
  return { total, byModel: { [model]: total } };
};
