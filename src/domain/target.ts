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

export const CAPABILITIES = [
  "tools",
  "vision",
  "json",
  "code",
  "audio",
  "reasoning",
  "prefill",
  "embeddings",
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** How hard a request is, and what a model is for. */
export const TIERS = ["simple", "moderate", "complex"] as const;
export type Tier = (typeof TIERS)[number];

/** Milliseconds; see config.md for what each one waits for. */
export type TimeLimits = {
  readonly headers_ms: number;
  readonly first_token_ms: number;
  readonly idle_ms: number;
  readonly response_ms: number;
  readonly total_ms: number;
};

/** Integers: micro-USD per million tokens; `image` and `request`: nano-USD each. */
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

/** When a target is left alone, and for how long. */
export type BreakerRules = {
  readonly enabled: boolean;
  /** The fewest calls in the window that say anything about a rate. */
  readonly volume: number;
  /** 0..1, of the calls in the window. */
  readonly failure_rate: number;
  readonly slow_rate: number;
  /** Failures in a row. */
  readonly consecutive: number;
  /** Milliseconds: the first time, and at most. */
  readonly open_ms: number;
  readonly max_open_ms: number;
};

/** What a provider allows in any stretch of that length. */
export type QuotaRule = {
  readonly unit: "requests" | "tokens";
  readonly per: "minute" | "hour" | "day";
  readonly max: number;
  /** The most that one organisation may take, 0..1. */
  readonly share?: number;
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
  readonly tier: Tier | undefined;
  readonly region: string | undefined;
  readonly breaker: BreakerRules;
  /** The provider's quota; empty where none is configured. */
  readonly limits: readonly QuotaRule[];
};
