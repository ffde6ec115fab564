/**
 * Decides: the configuration that puts a test upstream behind the gateway as three providers, one a dialect.
 * Never: knows what a model's name makes the upstream do.
 */
import type { FaultUpstream } from "./fault-upstream.ts";

export const PROVIDERS = ["openai", "anthropic", "gemini"] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/** Given to the gateway as environment secrets; the upstream's log shows what arrived. */
export const PROVIDER_SECRETS = {
  OPENAI_API_KEY: "sk-test-openai",
  ANTHROPIC_API_KEY: "sk-test-anthropic",
  GEMINI_API_KEY: "test-gemini",
} as const;

type Document = {
  providers: Record<string, unknown>;
  models: Record<string, unknown>;
  [section: string]: unknown;
};

/** The model `NAME` at each provider, as `PROVIDER-NAME`. `more` adds or replaces sections. */
export const configFor = (
  upstream: Pick<FaultUpstream, "url">,
  names: readonly string[],
  more: Record<string, unknown> = {},
): Document => ({
  providers: {
    openai: {
      kind: "openai",
      base_url: `${upstream.url}/v1`,
      api_key: { secret: "OPENAI_API_KEY" },
    },
    anthropic: {
      kind: "anthropic",
      base_url: upstream.url,
      api_key: { secret: "ANTHROPIC_API_KEY" },
    },
    gemini: { kind: "gemini", base_url: upstream.url, api_key: { secret: "GEMINI_API_KEY" } },
  },
  models: Object.fromEntries(
    PROVIDERS.flatMap((provider) =>
      names.map((name) => [`${provider}-${name}`, model(provider, name)]),
    ),
  ),
  ...more,
});

const model = (provider: ProviderName, name: string): object => ({
  provider,
  upstream: name,
  price: { input: 1, output: 2 },
  context: 100_000,
  max_output: 4096,
  capabilities: ["tools", "vision", "json"],
});
