/**
 * Decides: what each of the two price sources says of a model, brought into one shape.
 * Never: compares them or chooses; that is prices-merge.ts.
 */
import type { Capability, Price, ProviderKind } from "../src/domain/target.ts";

export type Tier =
  | "cache_read"
  | "cache_write"
  | "cache_write_1h"
  | "reasoning"
  | "audio_input"
  | "audio_output";
export const TIERS: readonly Tier[] = [
  "cache_read",
  "cache_write",
  "cache_write_1h",
  "reasoning",
  "audio_input",
  "audio_output",
];

/** Money in integer micro-USD per million tokens. A field that the source does not give is absent. */
export type Quote = {
  readonly input?: number;
  readonly output?: number;
  readonly tiers: Partial<Record<Tier, number>>;
  readonly above?: Price["above"];
  /** Tokens: the whole window, or the most that may be read where the source tells that instead. */
  readonly context?: number;
  readonly maxInput?: number;
  readonly maxOutput?: number;
  readonly capabilities: ReadonlySet<Capability>;
  readonly embedding: boolean;
};

export type Entry = { readonly [field: string]: unknown };
/** Quotes by lower-case upstream name. */
export type Quotes = ReadonlyMap<string, Quote>;

type Source = {
  readonly litellm: { readonly provider: string; readonly prefix: string };
  readonly modelsDev: string;
};

/** Under which name each source keeps a kind of provider. Self-hosted kinds have no price. */
export const SOURCES: Partial<Record<ProviderKind, Source>> = {
  openai: { litellm: { provider: "openai", prefix: "" }, modelsDev: "openai" },
  anthropic: { litellm: { provider: "anthropic", prefix: "" }, modelsDev: "anthropic" },
  gemini: { litellm: { provider: "gemini", prefix: "gemini/" }, modelsDev: "google" },
  "workers-ai": {
    litellm: { provider: "cloudflare", prefix: "cloudflare/" },
    modelsDev: "cloudflare-workers-ai",
  },
  mistral: { litellm: { provider: "mistral", prefix: "mistral/" }, modelsDev: "mistral" },
  groq: { litellm: { provider: "groq", prefix: "groq/" }, modelsDev: "groq" },
  deepseek: { litellm: { provider: "deepseek", prefix: "deepseek/" }, modelsDev: "deepseek" },
  together: {
    litellm: { provider: "together_ai", prefix: "together_ai/" },
    modelsDev: "togetherai",
  },
  openrouter: {
    litellm: { provider: "openrouter", prefix: "openrouter/" },
    modelsDev: "openrouter",
  },
  xai: { litellm: { provider: "xai", prefix: "xai/" }, modelsDev: "xai" },
  fireworks: {
    litellm: { provider: "fireworks_ai", prefix: "fireworks_ai/" },
    modelsDev: "fireworks-ai",
  },
  cerebras: { litellm: { provider: "cerebras", prefix: "cerebras/" }, modelsDev: "cerebras" },
};

const isEntry = (value: unknown): value is Entry =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const entry = (value: unknown): Entry => (isEntry(value) ? value : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A figure of the source times `factor`, as an integer; undefined where there is none. */
const figure = (value: unknown, factor: number): number | undefined =>
  typeof value === "number" && value >= 0 ? Math.round(value * factor) : undefined;

/** A tier's figure. The sources write 0 where they know none; beside a free input it makes no difference. */
const rate = (value: unknown, factor: number): number | undefined =>
  figure(value, factor) || undefined;

/** Only the fields that are there: `exactOptionalPropertyTypes` tells absent from undefined. */
const present = <T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

const capabilitiesOf = (said: Partial<Record<Capability, boolean>>): ReadonlySet<Capability> =>
  new Set((Object.keys(said) as Capability[]).filter((name) => said[name] === true));

/** USD per token to micro-USD per million tokens. */
const PER_TOKEN = 1e12;
/** USD per million tokens to micro-USD per million tokens. */
const PER_MILLION = 1e6;
const TEXT_MODES: ReadonlySet<unknown> = new Set(["chat", "responses", "embedding"]);

const litellmAbove = (model: Entry): Price["above"] | undefined => {
  for (const field of Object.keys(model)) {
    const size = /^input_cost_per_token_above_(\d+)k_tokens$/.exec(field)?.[1];
    if (size === undefined) continue;
    const input = figure(model[field], PER_TOKEN);
    const output = figure(model[`output_cost_per_token_above_${size}k_tokens`], PER_TOKEN);
    if (input !== undefined && output !== undefined)
      return { tokens: Number(size) * 1000, input, output };
  }
  return undefined;
};

const litellmQuote = (model: Entry): Quote => {
  const embedding = model["mode"] === "embedding";
  return {
    ...present<Pick<Quote, "input" | "output" | "above" | "context" | "maxOutput">>({
      input: figure(model["input_cost_per_token"], PER_TOKEN),
      output: figure(model["output_cost_per_token"] ?? (embedding ? 0 : undefined), PER_TOKEN),
      above: litellmAbove(model),
      context: figure(model["max_input_tokens"], 1),
      maxOutput: embedding ? undefined : figure(model["max_output_tokens"], 1),
    }),
    tiers: present<Quote["tiers"]>({
      cache_read: rate(model["cache_read_input_token_cost"], PER_TOKEN),
      cache_write: rate(model["cache_creation_input_token_cost"], PER_TOKEN),
      cache_write_1h: rate(model["cache_creation_input_token_cost_above_1hr"], PER_TOKEN),
      reasoning: rate(model["output_cost_per_reasoning_token"], PER_TOKEN),
      audio_input: rate(model["input_cost_per_audio_token"], PER_TOKEN),
      audio_output: rate(model["output_cost_per_audio_token"], PER_TOKEN),
    }),
    capabilities: capabilitiesOf({
      tools: model["supports_function_calling"] === true,
      vision: model["supports_vision"] === true,
      json: model["supports_response_schema"] === true,
      audio: model["supports_audio_input"] === true,
      reasoning: model["supports_reasoning"] === true,
      prefill: model["supports_assistant_prefill"] === true,
      embeddings: embedding,
    }),
    embedding,
  };
};

/** LiteLLM's models of one provider that read text and write text or vectors. */
export const litellmQuotes = (table: Entry, source: Source): Quotes => {
  const { provider, prefix } = source.litellm;
  const quotes = new Map<string, Quote>();
  for (const [name, value] of Object.entries(table)) {
    const model = entry(value);
    if (model["litellm_provider"] !== provider || !TEXT_MODES.has(model["mode"])) continue;
    if (name.startsWith(prefix))
      quotes.set(name.slice(prefix.length).toLowerCase(), litellmQuote(model));
  }
  return quotes;
};

const modelsDevAbove = (cost: Entry): Price["above"] | undefined => {
  const tier = entry(list(cost["tiers"])[0]);
  const tokens = figure(entry(tier["tier"])["size"], 1);
  const input = figure(tier["input"], PER_MILLION);
  const output = figure(tier["output"], PER_MILLION);
  return tokens === undefined || input === undefined || output === undefined
    ? undefined
    : { tokens, input, output };
};

const modelsDevQuote = (model: Entry): Quote => {
  const cost = entry(model["cost"]);
  const limit = entry(model["limit"]);
  const input = figure(cost["input"], PER_MILLION);
  const reads = list(entry(model["modalities"])["input"]);
  return {
    ...present<Pick<Quote, "input" | "output" | "above" | "context" | "maxInput" | "maxOutput">>({
      input,
      output: figure(cost["output"], PER_MILLION),
      above: modelsDevAbove(cost),
      context: figure(limit["context"], 1),
      maxInput: figure(limit["input"], 1),
      maxOutput: figure(limit["output"], 1),
    }),
    tiers: present<Quote["tiers"]>({
      cache_read: rate(cost["cache_read"], PER_MILLION),
      cache_write: rate(cost["cache_write"], PER_MILLION),
      reasoning: rate(cost["reasoning"], PER_MILLION),
      audio_input: rate(cost["input_audio"], PER_MILLION),
      audio_output: rate(cost["output_audio"], PER_MILLION),
    }),
    capabilities: capabilitiesOf({
      tools: model["tool_call"] === true,
      vision: reads.includes("image"),
      json: model["structured_output"] === true,
      audio: reads.includes("audio"),
      reasoning: model["reasoning"] === true,
    }),
    embedding: false,
  };
};

/** models.dev's models of one provider; what an entry leaves to its `base_model` is filled in from there. */
export const modelsDevQuotes = (table: Entry, source: Source): Quotes => {
  const quotes = new Map<string, Quote>();
  for (const [name, value] of Object.entries(entry(table[source.modelsDev]))) {
    const model = entry(value);
    const [owner = "", ...rest] = String(model["base_model"] ?? "").split("/");
    const base = entry(entry(table[owner])[rest.join("/")]);
    quotes.set(name.toLowerCase(), modelsDevQuote({ ...base, cost: undefined, ...model }));
  }
  return quotes;
};
