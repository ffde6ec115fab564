/**
 * Decides: how docs/PRICES.md tells what is in the price table, by which rules, and what was in dispute.
 * Never: chooses a figure.
 */
import type { ProviderKind } from "../src/domain/target.ts";
import { type Difference, type Merged, RULES } from "./prices-merge.ts";

/** More names than this are only counted: aggregators sell hundreds of models. */
const NAMED = 60;

const DEFAULTS: readonly string[] = [
  "`cache_read`: the input price. OpenAI, Anthropic and Gemini all publish a lower one where they give a discount, so where none is published there is none.",
  '`cache_write` (5 minutes): the input price. OpenAI and Gemini bill a cache\'s first write as ordinary input (OpenAI, "Prompt caching"; Google, "Context caching", implicit); Anthropic\'s surcharge of a quarter stands in the table.',
  "`cache_write_1h`: the price of `cache_write`. Anthropic's double input price stands in the table.",
  '`reasoning`: the output price (OpenAI, "Reasoning models": billed as output tokens; Anthropic, "Extended thinking"; Gemini\'s output prices include thinking tokens).',
  "`audio_input`, `audio_output`: the text price of the same direction.",
  "`image`, `request`: nothing.",
  "`above` (long context): chosen by the whole input, cached input included; then it holds for every token of the call. Cache and audio rates rise by the factor of the input price, reasoning by that of the output price, as both sources list them for each model that has such a tier.",
];

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

const counts = (merged: readonly (readonly [ProviderKind, Merged])[]): string =>
  table(
    ["provider", "models in the table", "with a price", "only LiteLLM", "only models.dev"],
    merged.map(([kind, { models, onlyLitellm, onlyModelsDev }]) => [
      kind,
      models.size,
      [...models.values()].filter(({ price }) => price !== undefined).length,
      onlyLitellm.length,
      onlyModelsDev.length,
    ]),
  );

const differences = (
  merged: readonly (readonly [ProviderKind, Merged])[],
  wanted: (difference: Difference) => boolean,
): string =>
  table(
    ["provider", "model", "figure", "LiteLLM", "models.dev", "in the table"],
    merged.flatMap(([kind, found]) =>
      found.differences
        .filter(wanted)
        .map((d) => [kind, `\`${d.model}\``, d.what, d.litellm, d.modelsDev, d.taken]),
    ),
  );

const names = (found: readonly string[]): string => {
  if (found.length > NAMED) return `${found.length} names`;
  return found.length === 0 ? "none" : found.map((name) => `\`${name}\``).join(", ");
};

const isSize = ({ what }: Difference): boolean => what === "context" || what === "max_output";

/** The whole page. `version` is the table's own. */
export const pricesPage = (
  version: string,
  merged: readonly (readonly [ProviderKind, Merged])[],
): string =>
  `# The shipped price table

Written by \`npx node scripts/prices.ts\` from two public tables, LiteLLM's \`model_prices_and_context_window.json\` (MIT) and
models.dev (MIT); do not edit. Version \`${version}\`. A price in the configuration wins over the table. Prices on this page
are USD per million tokens; in the table they are integer micro-USD per million tokens.

## Rules

${RULES.map((rule, index) => `${index + 1}. ${rule}`).join("\n")}

## Defaults

What a call is charged for a tier that its price does not have (\`src/policy/usage/cost.ts\`):

${DEFAULTS.map((text) => `- ${text}`).join("\n")}

## What is in it

${counts(merged)}

## Prices in dispute

The sources give different input or output prices (input / output). These models have no shipped price.

${differences(merged, ({ what }) => what === "price")}

## Tiers in dispute

${differences(merged, (d) => d.what !== "price" && !isSize(d))}

## Sizes in dispute

Tokens.

${differences(merged, isSize)}

## Named by one source only, and so left out

${merged
  .map(
    ([kind, { onlyLitellm, onlyModelsDev }]) =>
      `- **${kind}**. LiteLLM: ${names(onlyLitellm)}. models.dev: ${names(onlyModelsDev)}.`,
  )
  .join("\n")}
`;
