/**
 * Decides: which models count alike, and in which of OpenAI's encodings their texts are counted.
 * Never: says how many tokens that comes to; that is weights.ts.
 */
import type { ProviderKind } from "../../domain/target.ts";
import type { Encoding } from "./tokenizer.ts";

export type Family =
  | "gpt-4"
  | "gpt-5"
  | "gpt-oss"
  | "claude-4"
  | "claude"
  | "gemini"
  | "mistral"
  | "llama"
  | "llama-4"
  | "qwen"
  | "deepseek"
  | "grok"
  | "searching"
  | "other";

/** By the model's name, the first that matches; where a provider serves only its own models, by its kind. */
const NAMES: readonly (readonly [RegExp, Family])[] = [
  // Read pages of their own choosing besides the request.
  [/compound|sonar|search|deep-research|:online/, "searching"],
  [/gpt-oss/, "gpt-oss"],
  [/gpt-5|(?:^|\/)o\d/, "gpt-5"],
  [/gpt|davinci|text-embedding/, "gpt-4"],
  [/claude-(?:2|3|instant|(?:opus|sonnet)-4(?:$|[-@](?:[01]|20\d+)(?:$|[-@])))/, "claude-4"],
  [/claude/, "claude"],
  [/gemini|gemma/, "gemini"],
  [/(?:mis|mix|code|magis|minis|pix|devs)tral/, "mistral"],
  [/llama-?4/, "llama-4"],
  [/llama/, "llama"],
  [/qwen|qwq/, "qwen"],
  [/deepseek/, "deepseek"],
  [/grok/, "grok"],
];

const KINDS: Partial<Record<ProviderKind, Family>> = {
  anthropic: "claude",
  gemini: "gemini",
  mistral: "mistral",
  deepseek: "deepseek",
  xai: "grok",
};

/** The family whose weights fit the model that `kind` of provider calls `upstream`. */
export const familyOf = (kind: ProviderKind, upstream: string): Family => {
  const name = upstream.toLowerCase().replaceAll(".", "-");
  return NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? KINDS[kind] ?? "other";
};

/** The encoding in which a model's texts are counted; other providers' weights are fitted to o200k_base. */
export const encodingOf = (upstream: string): Encoding =>
  /gpt-(?:3\.5|4(?:$|-))|text-embedding/.test(upstream) ? "cl100k_base" : "o200k_base";
