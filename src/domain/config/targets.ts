/**
 * Decides: what a configured model ends at, every default filled in.
 * Never: looks up a secret; a target holds only the names of secrets.
 */
import { microUsd, nanoUsd } from "../../base/money.ts";
import type { Capability, Price, ProviderKind, Target, TimeLimits } from "../target.ts";
import { BREAKER, MAX_RETRIES, REASONING_FIRST_TOKEN_MS, TIMEOUTS } from "./defaults.ts";
import { dialectOf } from "./provider-kinds.ts";
import type { Config, Model, Provider, Resilience } from "./schema.ts";

/** What the shipped table knows of a model. */
export type ModelFacts = {
  readonly price: Price | undefined;
  /** Tokens. */
  readonly context: number | undefined;
  readonly maxOutput: number | undefined;
  readonly capabilities: ReadonlySet<Capability>;
};
/** Undefined where the table does not know the model at all. */
export type ModelTable = (kind: ProviderKind, upstream: string) => ModelFacts | undefined;

/** Of a model that nobody has described it is not known what it cannot do: its provider will say. */
const UNKNOWN_CAPABILITIES: readonly Capability[] = ["tools", "vision", "json", "code"];

/** The built-in provider costs nobody anything. */
const FREE: Price = { input: 0, output: 0 };

/** What one of them costs is charged by itself: it is as fine as what is charged. */
const EACH: ReadonlySet<string> = new Set(["image", "request"]);

/** USD a million tokens into whole micro-USD, USD each into nano-USD; `above.tokens` is a count and stays. */
function priceOf(price: NonNullable<Model["price"]>): Price {
  const { above, ...flat } = price;
  const whole = Object.fromEntries(
    Object.entries(flat).map(([field, usd]) => [
      field,
      EACH.has(field) ? nanoUsd(usd) : microUsd(usd),
    ]),
  ) as typeof flat;
  if (above === undefined) return whole;
  return {
    ...whole,
    above: {
      tokens: above.tokens,
      input: microUsd(above.input),
      output: microUsd(above.output),
    },
  };
}

const standardTimeouts = (reasoning: boolean): TimeLimits =>
  reasoning ? { ...TIMEOUTS, first_token_ms: REASONING_FIRST_TOKEN_MS } : TIMEOUTS;

const credentialsOf = (provider: Provider): readonly string[] =>
  [provider.api_key ?? []].flat().map((reference) => reference.secret);

const baseUrlOf = (provider: Provider): string | undefined =>
  provider.base_url?.replace(/\/+$/, "");

function targetOf(
  name: string,
  model: Model,
  provider: Provider,
  resilience: Resilience,
  table: ModelTable,
): Target {
  const upstream = model.upstream ?? name;
  const known = table(provider.kind, upstream);
  const standardPrice = provider.kind === "demo" ? FREE : known?.price;
  const capabilities = new Set(model.capabilities ?? known?.capabilities ?? UNKNOWN_CAPABILITIES);
  return {
    model: name,
    provider: model.provider,
    kind: provider.kind,
    dialect: dialectOf(provider.kind),
    upstream,
    baseUrl: baseUrlOf(provider),
    credentials: credentialsOf(provider),
    headers: provider.headers ?? {},
    // Field by field: model over provider over resilience over the defaults.
    timeouts: {
      ...standardTimeouts(capabilities.has("reasoning")),
      ...resilience.timeouts,
      ...provider.timeouts,
      ...model.timeouts,
    },
    maxRetries: model.max_retries ?? provider.max_retries ?? resilience.max_retries ?? MAX_RETRIES,
    price: model.price === undefined ? standardPrice : priceOf(model.price),
    context: model.context ?? known?.context,
    maxOutput: model.max_output ?? known?.maxOutput,
    capabilities,
    tier: model.tier,
    region: model.region,
    breaker: { ...BREAKER, ...resilience.breaker },
    limits: model.limits ?? [],
  };
}

/** One target for each configured model, by name. The configuration has been validated. */
export function targetsOf(config: Config, table: ModelTable): ReadonlyMap<string, Target> {
  const targets = new Map<string, Target>();
  for (const [name, model] of Object.entries(config.models)) {
    const provider = config.providers[model.provider];
    if (provider === undefined) throw new Error("the configuration was not validated");
    targets.set(name, targetOf(name, model, provider, config.resilience ?? {}, table));
  }
  return targets;
}
