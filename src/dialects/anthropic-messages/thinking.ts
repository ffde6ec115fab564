/**
 * Decides: how much thinking is asked for: `thinking` and `output_config.effort`, both ways.
 * Never: asks a model for a way of thinking that its generation refuses.
 */
import { own } from "../../base/record.ts";
import type { Reasoning } from "../../domain/chat.ts";
import { defined } from "../defined.ts";
import { invalid, type Json, type Reading, readInteger, readObject, readText } from "../reading.ts";

type Effort = NonNullable<Reasoning["effort"]>;

const EFFORTS: ReadonlySet<unknown> = new Set(["low", "medium", "high", "xhigh", "max"]);

/** The least that Anthropic takes. */
const LEAST_BUDGET = 1024;

/**
 * Tokens for models that take budgets: an effort doubles the one below it, and `high` is what
 * Anthropic's own examples give to hard problems.
 */
const BUDGETS: Readonly<Record<Exclude<Effort, "none">, number>> = {
  minimal: LEAST_BUDGET,
  low: 4096,
  medium: 8192,
  high: 16_384,
  xhigh: 32_768,
  max: 65_536,
};

/** Of the output cap: an effort that took all of it would leave no tokens to answer with. */
const MOST_OF_CAP = 0.8;

const effortOfBudget = (budget: number): Effort => {
  if (budget <= BUDGETS.low) return "low";
  return budget <= BUDGETS.medium ? "medium" : "high";
};

const DISPLAYS: Readonly<Record<string, boolean>> = { summarized: true, omitted: false };

const include = (reading: Reading, thinking: Json): boolean | undefined => {
  const display = readText(reading, thinking["display"], "thinking.display");
  if (display === undefined) return undefined;
  return own(DISPLAYS, display) ?? invalid(reading, "thinking.display");
};

const readEffort = (reading: Reading, output: Json | undefined): Effort | undefined => {
  const effort = readText(reading, output?.["effort"], "output_config.effort");
  if (effort === undefined) return undefined;
  return EFFORTS.has(effort) ? (effort as Effort) : invalid(reading, "output_config.effort");
};

/** undefined where the caller says nothing: the model's own default holds. */
export const decodeThinking = (reading: Reading, body: Json): Reasoning | undefined => {
  const thinking = readObject(reading, body["thinking"], "thinking");
  const output = readObject(reading, body["output_config"], "output_config");
  const effort = readEffort(reading, output);
  if (thinking === undefined) return effort === undefined ? undefined : { effort };
  const more = defined({ effort, include: include(reading, thinking) });
  switch (thinking["type"]) {
    case "enabled": {
      const budget = thinking["budget_tokens"];
      const range = [LEAST_BUDGET, Number.MAX_SAFE_INTEGER] as const;
      const budget_tokens = readInteger(reading, budget, "thinking.budget_tokens", range);
      if (budget_tokens === undefined) invalid(reading, "thinking.budget_tokens");
      return { ...more, ...defined({ budget_tokens }) };
    }
    case "adaptive":
      return { ...more, adaptive: true };
    case "disabled":
      return { ...more, effort: "none" };
    default:
      if (typeof thinking["type"] !== "string") invalid(reading, "thinking.type");
      // A way of thinking that came later; its own dialect gets it back.
      reading.unportable.push("thinking");
      return more;
  }
};

/** What of `reasoning` goes upstream; `thinks` says whether samplers and forced tools must give way. */
export type Asked = {
  readonly thinking?: Json;
  readonly effort?: string;
  readonly thinks: boolean;
};

const NOTHING: Asked = { thinks: false };
const DISABLED: Asked = { thinking: { type: "disabled" }, thinks: false };

const display = ({ include: wanted }: Reasoning): Json =>
  wanted === undefined ? {} : { display: wanted ? "summarized" : "omitted" };

/** As the caller said it: for a request that stays in its dialect. */
export const ownThinking = (reasoning: Reasoning): Asked => {
  if (reasoning.effort === "none") return DISABLED;
  const { budget_tokens, adaptive, effort } = reasoning;
  const shown = display(reasoning);
  if (budget_tokens !== undefined) {
    const thinking = { type: "enabled", budget_tokens, ...shown };
    return { thinking, thinks: true, ...defined({ effort }) };
  }
  if (adaptive === true) {
    return { thinking: { type: "adaptive", ...shown }, thinks: true, ...defined({ effort }) };
  }
  return { thinks: false, ...defined({ effort }) };
};

/** For a model that decides itself; efforts are its dial. */
export const adaptiveThinking = (reasoning: Reasoning): Asked => {
  const { effort, budget_tokens: budget } = reasoning;
  if (effort === "none") return DISABLED;
  const level = effort ?? (budget === undefined ? undefined : effortOfBudget(budget));
  return {
    thinking: { type: "adaptive", ...display(reasoning) },
    thinks: true,
    ...defined({ effort: level === "minimal" ? "low" : level }),
  };
};

/** The budget wanted, before the output cap is looked at; undefined for no thinking. */
export const wantedBudget = (reasoning: Reasoning): number | undefined => {
  const { effort, budget_tokens: budget } = reasoning;
  if (effort === "none") return undefined;
  return Math.max(LEAST_BUDGET, budget ?? BUDGETS[effort ?? "medium"]);
};

/** For a model that takes budgets, which count towards the cap; a cap with no room for one means no thinking. */
export const budgetThinking = (reasoning: Reasoning, cap: number): Asked => {
  const wanted = wantedBudget(reasoning);
  if (wanted === undefined) return DISABLED;
  const room =
    reasoning.budget_tokens === undefined
      ? Math.max(LEAST_BUDGET, Math.floor(cap * MOST_OF_CAP))
      : cap;
  const budget = Math.min(wanted, room, cap - 1);
  if (budget < LEAST_BUDGET) return NOTHING;
  const thinking = { type: "enabled", budget_tokens: budget, ...display(reasoning) };
  return { thinking, thinks: true };
};
