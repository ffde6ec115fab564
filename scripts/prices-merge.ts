/**
 * Decides: which figures go into the shipped price table, by the rules that docs/PRICES.md prints.
 * Never: reads a file, and never takes input or output prices that one source alone gives.
 */
import type { Capability, Price } from "../src/domain/target.ts";
import { type Quote, type Quotes, TIERS, type Tier } from "./prices-sources.ts";

/** One figure that the sources see differently. Absent: the source is silent. */
export type Difference = {
  readonly model: string;
  readonly what: "price" | "above" | "context" | "max_output" | Tier;
  readonly litellm: string;
  readonly modelsDev: string;
  readonly taken: string;
};

type Report = (difference: Omit<Difference, "model">) => void;

export type Model = {
  readonly price: Price | undefined;
  readonly context: number | undefined;
  readonly maxOutput: number | undefined;
  readonly capabilities: readonly Capability[];
};

export type Merged = {
  readonly models: ReadonlyMap<string, Model>;
  readonly differences: readonly Difference[];
  /** Named by one source only, and so left out. */
  readonly onlyLitellm: readonly string[];
  readonly onlyModelsDev: readonly string[];
};

export const RULES: readonly string[] = [
  "A model goes in when both sources name it for that provider. LiteLLM's mode must be chat, responses or embedding.",
  "**Input and output price**: both sources must give the same figures; otherwise the model has no shipped price, and a configuration that wants one states it.",
  "**cache_read** and **cache_write** given by one source alone are taken: a provider without a cache price reports no cached tokens, so silence is no contradiction.",
  "**cache_write_1h** is in LiteLLM only. It is twice the input price where a cache write costs more than input, as Anthropic publishes it, and LiteLLM is the check.",
  "**Any other tier** given by one source alone, and every tier on which they differ: the dearer reading, where silence reads as the default below. A budget may then be counted a little early, never late. Of two long-context tiers the one with the dearer input.",
  "**Context and max_output**: the smaller where the sources are within 10 % of each other (they round differently), left out where they are not: a limit that is too small would cut answers short. LiteLLM's `max_input_tokens` also agrees with a window when it is its readable part.",
  "**Capabilities**: what either source says the model can do; the sources omit flags more often than they set wrong ones. `code` is read off the name (code, codex, codestral, devstral), `audio` also off an audio price.",
  "A zero for a tier beside a real input price means that the source knows none.",
];

/** An hour's cache write costs twice the input price (Anthropic, "Prompt caching", pricing). */
const ANTHROPIC_1H = 2;

const CACHE: ReadonlySet<Tier> = new Set<Tier>(["cache_read", "cache_write"]);

/** What costOf charges for a tier that a price does not have. */
const defaultOf = (tier: Tier, price: Price): number => {
  if (tier === "reasoning" || tier === "audio_output") return price.output;
  if (tier === "cache_write_1h") return price.cache_write ?? price.input;
  return price.input;
};

const usd = (micro: number | undefined): string =>
  micro === undefined ? "–" : String(micro / 1e6);
const pair = (quote: { input?: number; output?: number } | undefined): string =>
  quote === undefined ? "–" : `${usd(quote.input)} / ${usd(quote.output)}`;
const tierText = (above: Price["above"]): string =>
  above === undefined ? "–" : `${above.tokens}: ${pair(above)}`;

type Found = { readonly value: number | undefined; readonly differs: boolean };

const tierOf = (tier: Tier, price: Price, a: Quote, b: Quote): Found => {
  const [x, y] = [a.tiers[tier], b.tiers[tier]];
  if (tier === "cache_write_1h") {
    const published =
      (price.cache_write ?? 0) > price.input ? ANTHROPIC_1H * price.input : undefined;
    return { value: published, differs: x !== undefined && x !== published };
  }
  if (CACHE.has(tier) && (x === undefined || y === undefined)) {
    return { value: x ?? y, differs: x !== y };
  }
  const usual = defaultOf(tier, price);
  const dearer = Math.max(x ?? usual, y ?? usual);
  return { value: dearer, differs: (x ?? usual) !== (y ?? usual) };
};

const aboveOf = (a: Price["above"], b: Price["above"]): Price["above"] =>
  (a?.input ?? 0) >= (b?.input ?? 0) ? a : b;

const priceOf = (a: Quote, b: Quote, report: Report): Price | undefined => {
  if (
    a.input === undefined ||
    a.output === undefined ||
    a.input !== b.input ||
    a.output !== b.output
  ) {
    report({ what: "price", litellm: pair(a), modelsDev: pair(b), taken: "no price" });
    return undefined;
  }
  let price: Price = { input: a.input, output: a.output };
  for (const tier of TIERS) {
    const { value, differs } = tierOf(tier, price, a, b);
    if (differs)
      report({
        what: tier,
        litellm: usd(a.tiers[tier]),
        modelsDev: usd(b.tiers[tier]),
        taken: usd(value),
      });
    if (value !== undefined && value !== defaultOf(tier, price))
      price = { ...price, [tier]: value };
  }
  const above = aboveOf(a.above, b.above);
  if (tierText(a.above) !== tierText(b.above)) {
    report({
      what: "above",
      litellm: tierText(a.above),
      modelsDev: tierText(b.above),
      taken: tierText(above),
    });
  }
  return above === undefined ? price : { ...price, above };
};

/** Sources round windows differently (128,000 and 131,072; 65,535 and 65,536); beyond this they disagree. */
const SAME_SIZE = 0.9;

const sizeOf = (a: number | undefined, b: number | undefined): number | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b) / Math.max(a, b) < SAME_SIZE ? undefined : Math.min(a, b);
};

const sizesOf = (a: Quote, b: Quote, report: Report): Pick<Model, "context" | "maxOutput"> => {
  const readable = a.context === b.maxInput || a.context === (b.context ?? 0) - (b.maxOutput ?? 0);
  const context = readable ? (b.context ?? a.context) : sizeOf(a.context, b.context);
  const maxOutput = a.embedding ? undefined : sizeOf(a.maxOutput, b.maxOutput);
  const text = (value: number | undefined): string => String(value ?? "–");
  if (context === undefined) {
    report({ what: "context", litellm: text(a.context), modelsDev: text(b.context), taken: "–" });
  }
  if (maxOutput === undefined && !a.embedding) {
    const said = { litellm: text(a.maxOutput), modelsDev: text(b.maxOutput) };
    report({ what: "max_output", ...said, taken: "–" });
  }
  return { context, maxOutput };
};

const capabilitiesOf = (name: string, a: Quote, b: Quote): readonly Capability[] => {
  if (a.embedding) return ["embeddings"];
  const all = new Set<Capability>([...a.capabilities, ...b.capabilities]);
  if (/code|codestral|devstral/.test(name)) all.add("code");
  if ((a.tiers.audio_input ?? b.tiers.audio_input) !== undefined) all.add("audio");
  return [...all].sort();
};

/** All models of one provider that both sources name, with what they disagree about. */
export const merge = (litellm: Quotes, modelsDev: Quotes): Merged => {
  const models = new Map<string, Model>();
  const differences: Difference[] = [];
  for (const [model, a] of [...litellm].sort(([x], [y]) => (x < y ? -1 : 1))) {
    const b = modelsDev.get(model);
    if (b === undefined) continue;
    const report: Report = (difference) => {
      differences.push({ model, ...difference });
    };
    const price = priceOf(a, b, report);
    models.set(model, {
      price,
      ...sizesOf(a, b, report),
      capabilities: capabilitiesOf(model, a, b),
    });
  }
  return {
    models,
    differences,
    onlyLitellm: [...litellm.keys()].filter((name) => !modelsDev.has(name)).sort(),
    onlyModelsDev: [...modelsDev.keys()].filter((name) => !litellm.has(name)).sort(),
  };
};
