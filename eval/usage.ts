/**
 * Decides: whether usage and cost of recorded answers are what the provider says (bars.md section 4).
 * Never: hides a record: one that cannot be compared is counted with its reason.
 */
import { formatUsd } from "../src/base/money.ts";
import { totalInput, type Usage } from "../src/domain/usage.ts";
import { costOf } from "../src/policy/usage/cost.ts";
import { lookupModel } from "../src/policy/usage/model-table.ts";
import { printTable } from "./data.ts";
import { type Answer, type Json, object, recordedAnswers } from "./recorded-answers.ts";

const number = (value: unknown): number => (typeof value === "number" ? value : 0);

/** Input and output as the provider counts them, or their total where it gives one. */
const figures = ({
  dialect,
  reported,
}: Answer): { input: number; output: number; total: number } => {
  const own = reported ?? {};
  const of = (...names: string[]): number =>
    names.reduce((sum, name) => sum + number(own[name]), 0);
  switch (dialect) {
    case "openai-chat":
      return {
        input: of("prompt_tokens"),
        output: of("completion_tokens"),
        total: of("total_tokens"),
      };
    case "anthropic-messages":
      return {
        input: of("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"),
        output: of("output_tokens"),
        total: 0,
      };
    case "gemini":
      return {
        input: of("promptTokenCount", "toolUsePromptTokenCount"),
        output: of("candidatesTokenCount", "thoughtsTokenCount"),
        total: 0,
      };
  }
};

/** A total says whether parts stand inside or beside (xAI's reasoning, Mistral's audio); else both sides must equal. */
const equal = (answer: Answer, usage: Usage): boolean => {
  const { input, output, total } = figures(answer);
  const ours = { input: totalInput(usage), output: usage.output_tokens ?? 0 };
  if (total > 0 && total === ours.input + ours.output)
    return ours.input >= input && ours.output >= output;
  return ours.input === input && ours.output === output;
};

/** Cached and newly cached tokens that are more than the input they are a part of: no sum can equal it. */
const overlaps = ({ dialect, reported }: Answer): boolean => {
  if (dialect !== "openai-chat") return false;
  const details = object(reported?.["prompt_tokens_details"]);
  const parts = number(details["cached_tokens"]) + number(details["cache_write_tokens"]);
  return number(details["cache_write_tokens"]) > 0 && parts > number(reported?.["prompt_tokens"]);
};

const compareUsage = (answers: readonly Answer[]): boolean => {
  const wrong: Answer[] = [];
  const rows = [...Map.groupBy(answers, ({ provider }) => provider)].map(([provider, of]) => {
    const told = of.filter(({ reported }) => reported !== undefined);
    const [odd, clear] = [told.filter(overlaps), told.filter((answer) => !overlaps(answer))];
    const missed = clear.filter((answer) => !equal(answer, answer.usage ?? {}));
    wrong.push(...missed);
    return [provider, of.length, told.length, clear.length - missed.length, odd.length];
  });
  printTable(["provider", "answers", "with usage", "equal", "parts above the whole"], rows);
  for (const { id, provider, reported, usage } of wrong) {
    console.log(
      `differs: ${provider} ${id} ${JSON.stringify(reported)} → ${JSON.stringify(usage)}`,
    );
  }
  return wrong.length === 0;
};

/** OpenRouter writes costs as decimal USD with float noise. */
const TOLERANCE = 0.000_000_5;
const NANO = 1e9;

/** What OpenRouter says that the tokens cost. With a key of the caller's own it bills nothing itself. */
const billed = (reported: Json): number => {
  const details = object(reported["cost_details"]);
  return reported["is_byok"] === true
    ? number(details["upstream_inference_cost"])
    : number(reported["cost"]);
};

/** Whether what was billed beyond input and output was for something else than tokens. */
const extras = (reported: Json): boolean => {
  const details = object(reported["cost_details"]);
  const tokens =
    number(details["upstream_inference_prompt_cost"]) +
    number(details["upstream_inference_completions_cost"]);
  return tokens > 0 && Math.abs(billed(reported) - tokens) > TOLERANCE;
};

/** What came of one comparison, in words. */
const verdict = ({ model, reported = {}, usage = {} }: Answer): string => {
  const price = lookupModel("openrouter", model)?.price;
  if (price === undefined) return "price not in the table";
  if (extras(reported)) return "billed for more than tokens (search, a plugin)";
  const ours = (costOf(price, usage) ?? 0) / NANO;
  return Math.abs(ours - billed(reported)) <= TOLERANCE ? "within rounding" : "differs";
};

const compareCost = (answers: readonly Answer[]): boolean => {
  const priced = answers.filter(
    ({ provider, reported }) => provider === "openrouter" && reported?.["cost"] !== undefined,
  );
  const verdicts = Map.groupBy(priced, verdict);
  console.log(`\nOpenRouter's own usage.cost, ${priced.length} answers`);
  printTable(
    ["verdict", "answers", "models"],
    [...verdicts].map(([reason, of]) => [
      reason,
      of.length,
      [...new Set(of.map(({ model }) => model))].join(", "),
    ]),
  );
  const wrong = verdicts.get("differs") ?? [];
  for (const { id, model, reported = {}, usage = {} } of wrong) {
    const ours = formatUsd(costOf(lookupModel("openrouter", model)?.price, usage) ?? 0);
    console.log(
      `differs: ${id} ${model} ours ${ours} theirs ${billed(reported)} ${JSON.stringify(reported)}`,
    );
  }
  return wrong.length === 0;
};

/** Prints both comparisons; true where every comparable record is equal. */
export const evaluateUsage = (): boolean => {
  const answers = recordedAnswers();
  const usage = compareUsage(answers);
  return compareCost(answers) && usage;
};
