/**
 * Decides: what is worth telling about a configuration that is valid.
 * Never: refuses anything, and never says more of a secret than whether it is set.
 */
import { own } from "../../base/record.ts";
import { type PathKey, type Problem, pathOf } from "./problems.ts";
import { PROVIDER_KINDS } from "./provider-kinds.ts";
import type { Config } from "./schema.ts";
import type { Snapshot } from "./snapshot.ts";

export type WarningCode =
  | "secret_unset"
  | "api_key_missing"
  | "single_provider_chain"
  | "model_not_priced"
  | "vectorize_unbound"
  | "upstash_unset";
export type Warning = Problem & { readonly code: WarningCode };

const warning = (path: readonly PathKey[], code: WarningCode, message: string): Warning => ({
  path: pathOf(path),
  code,
  message,
});

/** One for each reference to a secret without a value, and each provider that needs one and names none. */
function secretWarnings(config: Config, isSet: (secret: string) => boolean): Warning[] {
  return Object.entries(config.providers).flatMap(([name, provider]) => {
    const at = ["providers", name, "api_key"];
    if (provider.api_key === undefined) {
      // A server of one's own that speaks like the provider may do without.
      return PROVIDER_KINDS[provider.kind].needsKey && provider.base_url === undefined
        ? [warning(at, "api_key_missing", "this kind of provider refuses calls without an API key")]
        : [];
    }
    const several = Array.isArray(provider.api_key);
    return [provider.api_key]
      .flat()
      .flatMap(({ secret }, index) =>
        isSet(secret)
          ? []
          : [
              warning(
                several ? [...at, index, "secret"] : [...at, "secret"],
                "secret_unset",
                `the secret ${secret} is not set: calls with it will fail`,
              ),
            ],
      );
  });
}

/** Alerts without a secret are not sent: they could be anybody's. */
function webhookWarnings(config: Config, isSet: (secret: string) => boolean): Warning[] {
  return (config.alerts?.webhooks ?? []).flatMap(({ secret: { secret } }, index) =>
    isSet(secret)
      ? []
      : [
          warning(
            ["alerts", "webhooks", index, "secret"],
            "secret_unset",
            `the secret ${secret} is not set: alerts will not be sent there`,
          ),
        ],
  );
}

/** The providers that a model or route may end at. */
function providersOf(config: Config, name: string): readonly string[] {
  const model = own(config.models, name);
  if (model !== undefined) return [model.provider];
  const route = own(config.routes ?? {}, name);
  if (route === undefined) return [];
  const members =
    route.strategy === "complexity" ? Object.values(route.tiers).flat() : route.models;
  return members.flatMap((member) => {
    if (member === "*") return Object.values(config.models).map(({ provider }) => provider);
    const single = own(config.models, typeof member === "string" ? member : member.model);
    return single === undefined ? [] : [single.provider];
  });
}

/** Chains that do not survive the loss of their one provider. */
function chainWarnings(config: Config): Warning[] {
  const chains = config.fallbacks ?? {};
  const everything = [...Object.keys(config.models), ...Object.keys(config.routes ?? {})];
  return Object.entries(chains).flatMap(([name, chain]) => {
    if (chain.length === 0) return [];
    const starts =
      name === "*" ? everything.filter((other) => !Object.hasOwn(chains, other)) : [name];
    const stays = starts.some(
      (start) => new Set([start, ...chain].flatMap((link) => providersOf(config, link))).size === 1,
    );
    return stays
      ? [
          warning(
            ["fallbacks", name],
            "single_provider_chain",
            "the chain stays with one provider: when that is down, all of it is",
          ),
        ]
      : [];
  });
}

function priceWarnings(snapshot: Snapshot): Warning[] {
  return [...snapshot.targets.values()]
    .filter((target) => target.price === undefined)
    .map((target) =>
      warning(
        ["models", target.model, "price"],
        "model_not_priced",
        "the price is not known: the cost of calls will be null",
      ),
    );
}

function vectorizeWarnings({ policy = {} }: Config, hasVectorize: boolean): Warning[] {
  const { semantic } = policy.cache ?? {};
  if (hasVectorize || semantic?.index !== "vectorize" || semantic.mode === "off") return [];
  const message = "this deployment has no binding VECTORS: nothing will be found by likeness";
  return [warning(["policy", "cache", "semantic", "index"], "vectorize_unbound", message)];
}

/** One for each rule that nobody can count: its requests are refused, or counted by each isolate alone. */
function upstashWarnings({ policy = {} }: Config, isSet: (secret: string) => boolean): Warning[] {
  const { limits } = policy;
  if (limits === undefined || limits.mode === "off" || isSet("UPSTASH_REDIS_REST_URL")) return [];
  const message =
    "UPSTASH_REDIS_REST_URL is not set: what this rule counts is as if Redis were down";
  return limits.rules.flatMap(({ store }, index) =>
    store === "upstash"
      ? [warning(["policy", "limits", "rules", index, "store"], "upstash_unset", message)]
      : [],
  );
}

/**
 * `isSet` tells whether an environment secret of that name has a value; `hasVectorize`, whether Vectorize is
 * bound.
 */
export function warningsFor(
  snapshot: Snapshot,
  isSet: (secret: string) => boolean,
  hasVectorize = false,
): Warning[] {
  return [
    ...secretWarnings(snapshot.config, isSet),
    ...webhookWarnings(snapshot.config, isSet),
    ...chainWarnings(snapshot.config),
    ...priceWarnings(snapshot),
    ...vectorizeWarnings(snapshot.config, hasVectorize),
    ...upstashWarnings(snapshot.config, isSet),
  ];
}
