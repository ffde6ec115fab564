/**
 * Decides: what a request can end at – one model at one provider, with every default filled in.
 * Never: holds a secret; only the names of secrets.
 */
import type { DialectName } from "./dialect-name.ts";

export type ProviderKind =
  | "openai"
  | "anthropic"
  | "gemini"
  | "workers-ai"
  | "demo"
  | "ollama"
  | "vllm"
  | "mistral"
  | "groq"
  | "deepseek"
  | "together"
  | "openrouter"
  | "xai"
  | "fireworks"
  | "cerebras";

export type Capability =
  | "tools"
  | "vision"
  | "json"
  | "code"
  | "audio"
  | "reasoning"
  | "prefill"
  | "embeddings";

/** Milliseconds; see config.md for what each one waits for. */
export type TimeLimits = {
  readonly headers_ms: number;
  readonly first_token_ms: number;
  readonly idle_ms: number;
  readonly response_ms: number;
  readonly total_ms: number;
};

/** Integers: micro-USD per million tokens (`image`, `request`: micro-USD each). */
export type Price = {
  readonly input: number;
  readonly output: number;
  readonly cache_read?: number;
  readonly cache_write?: number;
  readonly cache_write_1h?: number;
  readonly reasoning?: number;
  readonly audio_input?: number;
  readonly audio_output?: number;
  readonly image?: number;
  readonly request?: number;
  readonly above?: { readonly tokens: number; readonly input: number; readonly output: number };
};

export type Target = {
  /** The configured name. */
  readonly model: string;
  /** The configured name of the provider. */
  readonly provider: string;
  readonly kind: ProviderKind;
  readonly dialect: DialectName;
  /** The name upstream. */
  readonly upstream: string;
  readonly baseUrl: string | undefined;
  /** Names of environment secrets, in the order in which they are tried. */
  readonly credentials: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly timeouts: TimeLimits;
  readonly maxRetries: number;
  readonly price: Price | undefined;
  readonly context: number | undefined;
  readonly maxOutput: number | undefined;
  readonly capabilities: ReadonlySet<Capability>;
  readonly tier: "simple" | "moderate" | "complex" | undefined;
  readonly region: string | undefined;
};
