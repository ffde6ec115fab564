/**
 * Decides: how the wish for reasoning stands in `thinkingConfig`: as a level from generation 3 on,
 * as a budget of tokens before.
 * Never: sends both; Gemini answers that with 400.
 */
import type { Reasoning } from "../../domain/chat.ts";
import { defined } from "../defined.ts";
import type { EncodeFor } from "../dialect.ts";
import type { Json } from "../reading.ts";
import { canThink, isPro, isThirdGeneration } from "./model-name.ts";
import { take, type Wire } from "./wire.ts";

type Effort = NonNullable<Reasoning["effort"]>;

const LEVEL: Readonly<Record<Effort, string>> = {
  none: "minimal",
  minimal: "minimal",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "high",
  max: "high",
};

/** Tokens: those that Google's own OpenAI-compatible endpoint uses; 24,576 is the most that all 2.5 models take. */
const BUDGET: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 24_576,
  max: 24_576,
};
const DYNAMIC_BUDGET = -1;
const LEAST_PRO_BUDGET = 128;

const levelOf = (effort: Effort, model: string): string => {
  const level = LEVEL[effort];
  return level === "minimal" && isPro(model) ? "low" : level;
};

const budgetOf = (effort: Effort, model: string): number =>
  effort === "none" && isPro(model) ? LEAST_PRO_BUDGET : BUDGET[effort];

/** A Gemini caller's wish goes back as he put it, whatever the model. */
const asSaid = (reasoning: Reasoning): Wire =>
  defined({
    thinkingLevel: reasoning.effort,
    thinkingBudget: reasoning.adaptive === true ? DYNAMIC_BUDGET : reasoning.budget_tokens,
    includeThoughts: reasoning.include,
  });

/** undefined for a model that does not think: the wish is a hint then. */
export const encodeReasoning = (reasoning: Reasoning, target: EncodeFor): Wire | undefined => {
  const { model } = target;
  if (target.from === "gemini") return asSaid(reasoning);
  if (!canThink(model, target.capabilities)) return undefined;
  const { effort, budget_tokens: budget, include: includeThoughts } = reasoning;
  if (isThirdGeneration(model) && effort !== undefined) {
    return defined({ thinkingLevel: levelOf(effort, model), includeThoughts });
  }
  const dynamic =
    reasoning.adaptive === true && !isThirdGeneration(model) ? DYNAMIC_BUDGET : undefined;
  const thinkingBudget = budget ?? (effort === undefined ? dynamic : budgetOf(effort, model));
  return defined({ thinkingBudget, includeThoughts });
};

const EFFORTS: ReadonlySet<string> = new Set(["minimal", "low", "medium", "high"]);
const isEffort = (level: string): level is Effort => EFFORTS.has(level);

export const decodeReasoning = (config: Json): Reasoning | undefined => {
  const level = take(config, "thinkingLevel");
  const effort = typeof level === "string" ? level.toLowerCase() : "";
  const budget = take(config, "thinkingBudget");
  const include = take(config, "includeThoughts");
  const reasoning = defined({
    effort: isEffort(effort) ? effort : undefined,
    budget_tokens: typeof budget === "number" && budget >= 0 ? budget : undefined,
    adaptive: budget === DYNAMIC_BUDGET ? true : undefined,
    include: typeof include === "boolean" ? include : undefined,
  });
  return Object.keys(reasoning).length === 0 ? undefined : reasoning;
};
