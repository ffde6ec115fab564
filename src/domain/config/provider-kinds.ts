/**
 * Decides: which kinds of provider there are, and what a configuration has to know of each.
 * Never: knows URLs, headers or quirks; that is src/providers.
 */
import type { DialectName } from "../dialect-name.ts";
import type { ProviderKind } from "../target.ts";

type KindFacts = {
  readonly dialect: DialectName;
  /** Whether a `base_url` has to, may or must not be given. */
  readonly baseUrl: "required" | "optional" | "none";
  /** Whether it refuses calls without an API key; a server of one's own that speaks like it may not. */
  readonly needsKey: boolean;
};

const compatible: KindFacts = { dialect: "openai-chat", baseUrl: "optional", needsKey: true };
const selfHosted: KindFacts = { dialect: "openai-chat", baseUrl: "required", needsKey: false };
const builtIn: KindFacts = { dialect: "openai-chat", baseUrl: "none", needsKey: false };

export const PROVIDER_KINDS: Readonly<Record<ProviderKind, KindFacts>> = {
  openai: compatible,
  anthropic: { dialect: "anthropic-messages", baseUrl: "optional", needsKey: true },
  gemini: { dialect: "gemini", baseUrl: "optional", needsKey: true },
  "workers-ai": builtIn,
  demo: builtIn,
  ollama: selfHosted,
  vllm: selfHosted,
  mistral: compatible,
  groq: compatible,
  deepseek: compatible,
  together: compatible,
  openrouter: compatible,
  xai: compatible,
  fireworks: compatible,
  cerebras: compatible,
};

/** The wire format that providers of this kind speak. */
export const dialectOf = (kind: ProviderKind): DialectName => PROVIDER_KINDS[kind].dialect;
