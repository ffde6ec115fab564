/**
 * Decides: how near the token estimate comes to what providers counted (bars.md section 4).
 * Never: fits anything; that is fit-tokens.ts.
 */
import { estimateInput } from "../src/policy/tokens/estimate.ts";
import { familyOf } from "../src/policy/tokens/families.ts";
import { upperBoundInput } from "../src/policy/tokens/upper-bound.ts";
import { tokenizerOf } from "../test/support/rank-files.ts";
import { printTable, quantile } from "./data.ts";
import { type Recorded, recordedRequests } from "./recorded-requests.ts";

/** p10 to p90 of estimate / true input has to lie in here for these. */
const BAR = { low: 0.8, high: 1.3, providers: ["openai", "anthropic"] } as const;

type Ratios = {
  readonly exact: number[];
  readonly rough: number[];
  bounded: number;
  broken: number;
};

const measure = (requests: readonly Recorded[]): Ratios => {
  const ratios: Ratios = { exact: [], rough: [], bounded: 0, broken: 0 };
  for (const { kind, model, request, input } of requests) {
    const family = familyOf(kind, model);
    ratios.exact.push(estimateInput(request, family, tokenizerOf(model)) / input);
    ratios.rough.push(estimateInput(request, family) / input);
    const bound = upperBoundInput(request, family);
    if (bound !== undefined) ratios.bounded++;
    if (bound !== undefined && bound < input) ratios.broken++;
  }
  return ratios;
};

const spread = (ratios: readonly number[]): string[] =>
  [0.1, 0.5, 0.9].map((p) => quantile(ratios, p).toFixed(2));

const inBar = (ratios: readonly number[]): boolean =>
  quantile(ratios, 0.1) >= BAR.low && quantile(ratios, 0.9) <= BAR.high;

/** Prints the table; true where the bar holds. */
export const evaluateTokens = (): boolean => {
  const { requests, skipped } = recordedRequests();
  const providers = Map.groupBy(requests, ({ provider }) => provider);
  const measured = [...providers]
    .map(([provider, of]) => ({ provider, of, ratios: measure(of) }))
    .sort((a, b) => b.of.length - a.of.length);
  console.log("estimate / true input of recorded text requests, with the tokenizer and without");
  printTable(
    ["provider", "requests", "p10", "p50", "p90", "rough p10", "p50", "p90", "bound below truth"],
    measured.map(({ provider, of, ratios }) => [
      provider,
      of.length,
      ...spread(ratios.exact),
      ...spread(ratios.rough),
      `${ratios.broken} of ${ratios.bounded}`,
    ]),
  );
  for (const [reason, count] of skipped) console.log(`left out: ${count} (${reason})`);
  const judged = measured.filter(({ provider }) => BAR.providers.some((name) => name === provider));
  const holds = judged.every(({ ratios }) => inBar(ratios.exact));
  console.log(
    `bar: p10 ≥ ${BAR.low} and p90 ≤ ${BAR.high} for ${BAR.providers.join(" and ")}: ${holds ? "holds" : "MISSED"}`,
  );
  return holds;
};
