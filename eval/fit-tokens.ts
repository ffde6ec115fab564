/**
 * Decides: the weights of policy/tokens/families.ts, from recorded requests: `node eval/fit-tokens.ts`.
 * Never: writes them there; a person reads the figures, rounds them and says where data was too thin.
 */
import { type Family, familyOf } from "../src/policy/tokens/families.ts";
import { type Amounts, outline } from "../src/policy/tokens/outline.ts";
import { tokenizerOf } from "../test/support/rank-files.ts";
import { printTable } from "./data.ts";
import { recordedRequests } from "./recorded-requests.ts";

type Sample = { readonly amounts: Amounts; readonly input: number };
type Name = keyof Amounts;

/** Where the descent starts, and where a weight stays that too few samples speak of. */
const START: Partial<Record<Name, number>> = {
  request: 3,
  message: 4,
  text: 1,
  toolText: 1,
  schema: 0.7,
};
const ENOUGH = 4;
const ROUNDS = 200;

/** The value that halves the weight: what minimises a sum of absolute differences. */
const weightedMedian = (points: readonly { value: number; weight: number }[]): number => {
  const sorted = points.toSorted((a, b) => a.value - b.value);
  const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let seen = 0;
  for (const { value, weight } of sorted) {
    seen += weight;
    if (seen >= half) return value;
  }
  return 0;
};

/**
 * Least relative absolute deviation by coordinate descent: outliers (input from caches, hidden prompts)
 * have no pull. Each weight in turn becomes the weighted median of what the others leave to it.
 */
const fitted = (samples: readonly Sample[]): Map<Name, number> => {
  const names = (Object.keys(samples[0]?.amounts ?? {}) as Name[]).filter(
    (name) => samples.filter(({ amounts }) => amounts[name] > 0).length >= ENOUGH,
  );
  const weights = new Map<Name, number>(names.map((name) => [name, START[name] ?? 0]));
  const estimate = ({ amounts }: Sample): number =>
    names.reduce((sum, name) => sum + amounts[name] * (weights.get(name) ?? 0), 0);
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) {
      const weight = weights.get(name) ?? 0;
      const points = samples
        .filter(({ amounts }) => amounts[name] > 0)
        .map((sample) => {
          const amount = sample.amounts[name];
          const left = sample.input - estimate(sample) + weight * amount;
          return { value: left / amount, weight: amount / sample.input };
        });
      weights.set(name, Math.max(0, weightedMedian(points)));
    }
  }
  return weights;
};

const samples = new Map<Family, Map<string, Sample>>();
for (const { kind, model, request, input } of recordedRequests().requests) {
  const family = familyOf(kind, model);
  const { count } = tokenizerOf(model);
  const sample = { amounts: outline(request, count), input };
  const of = samples.get(family) ?? new Map<string, Sample>();
  samples.set(family, of.set(JSON.stringify(sample), sample));
}
const names: readonly Name[] = [
  ...(["request", "message", "text", "call", "tools", "forced", "tool"] as const),
  ...(["toolText", "schema", "format", "formatSchema", "thinking", "signature"] as const),
];
const rows = [...samples].map(([family, of]) => {
  const weights = fitted([...of.values()]);
  return [family, of.size, ...names.map((name) => weights.get(name)?.toFixed(2) ?? "–")];
});
printTable(["family", "samples", ...names], rows);
