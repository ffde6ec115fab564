/**
 * Decides: whether the parts of a configuration agree: every name that is used exists, numbers
 * that belong together are in order, and every provider has an address that may be called.
 * Never: sees a document that is not well formed; schema.ts has had it first.
 */
import { type AddressRules, checkBaseUrl, checkUpstreamUrl } from "./base-url.ts";
import { BREAKER, EMBEDDED } from "./defaults.ts";
import { RESERVED_NAMES } from "./names.ts";
import { type Fault, type Problem, pathOf } from "./problems.ts";
import { PROVIDER_KINDS } from "./provider-kinds.ts";
import { routeFaults } from "./route-references.ts";
import type { Config } from "./schema.ts";

const NO_SUCH_MODEL = "no model or route of this name";

function providerFaults(config: Config, rules: AddressRules): Fault[] {
  const faults: Fault[] = [];
  for (const [name, provider] of Object.entries(config.providers)) {
    const at = ["providers", name, "base_url"];
    const wants = PROVIDER_KINDS[provider.kind].baseUrl;
    if (provider.base_url === undefined) {
      if (wants === "required") faults.push([at, `required for kind ${provider.kind}`]);
    } else if (wants === "none") {
      faults.push([at, `kind ${provider.kind} has no address`]);
    } else {
      const checked = checkBaseUrl(provider.base_url, rules);
      if (!checked.ok) faults.push([at, checked.error]);
    }
  }
  return faults;
}

function modelFaults(config: Config): Fault[] {
  const faults: Fault[] = [];
  for (const [name, model] of Object.entries(config.models)) {
    if (RESERVED_NAMES.has(name))
      faults.push([["models", name], "this name has a meaning of its own"]);
    if (!Object.hasOwn(config.providers, model.provider)) {
      faults.push([["models", name, "provider"], "no provider of this name"]);
    }
  }
  return faults;
}

function fallbackFaults(config: Config, exists: (name: string) => boolean): Fault[] {
  return Object.entries(config.fallbacks ?? {}).flatMap(([name, chain]) => {
    const at = ["fallbacks", name];
    const own: Fault[] = name === "*" || exists(name) ? [] : [[at, NO_SUCH_MODEL]];
    const links = chain.flatMap((next, index): Fault[] => {
      if (!exists(next)) return [[[...at, index], NO_SUCH_MODEL]];
      if (next === name) return [[[...at, index], "a model does not fall back to itself"]];
      return chain.indexOf(next) < index ? [[[...at, index], "named twice"]] : [];
    });
    return [...own, ...links];
  });
}

function canaryFaults(config: Config, exists: (name: string) => boolean): Fault[] {
  const seen = new Set<string>();
  return (config.canaries ?? []).flatMap((canary, index) => {
    const faults: Fault[] = [];
    if (seen.has(canary.id)) faults.push([["canaries", index, "id"], "another canary has this id"]);
    seen.add(canary.id);
    if (!exists(canary.baseline)) faults.push([["canaries", index, "baseline"], NO_SUCH_MODEL]);
    if (!exists(canary.candidate)) faults.push([["canaries", index, "candidate"], NO_SUCH_MODEL]);
    else if (canary.candidate === canary.baseline) {
      faults.push([["canaries", index, "candidate"], "the same as the baseline"]);
    }
    return faults;
  });
}

function policyFaults(config: Config, exists: (name: string) => boolean): Fault[] {
  const faults: Fault[] = [];
  const budget = config.policy?.routing?.budget;
  for (const step of ["middle", "cheapest"] as const) {
    budget?.[step].forEach((name, index) => {
      if (!exists(name)) faults.push([["policy", "routing", "budget", step, index], NO_SUCH_MODEL]);
    });
  }
  const embedder = config.policy?.cache?.semantic?.embedder;
  if (embedder !== undefined && embedder !== EMBEDDED && !Object.hasOwn(config.models, embedder)) {
    faults.push([["policy", "cache", "semantic", "embedder"], "no model of this name"]);
  }
  return faults;
}

function otherFaults(
  config: Config,
  rules: AddressRules,
  exists: (name: string) => boolean,
): Fault[] {
  const faults: Fault[] = [];
  if (config.default_model !== undefined && !exists(config.default_model)) {
    faults.push([["default_model"], NO_SUCH_MODEL]);
  }
  const breaker = { ...BREAKER, ...config.resilience?.breaker };
  if (breaker.max_open_ms < breaker.open_ms) {
    faults.push([["resilience", "breaker", "max_open_ms"], "must not be below `open_ms`"]);
  }
  config.alerts?.webhooks.forEach((webhook, index) => {
    const checked = checkUpstreamUrl(webhook.url, rules);
    if (!checked.ok) faults.push([["alerts", "webhooks", index, "url"], checked.error]);
  });
  return faults;
}

/** Every disagreement within a well-formed configuration, in the order of config.md. */
export function checkReferences(config: Config, rules: AddressRules): Problem[] {
  const exists = (name: string): boolean =>
    Object.hasOwn(config.models, name) || Object.hasOwn(config.routes ?? {}, name);
  return [
    ...providerFaults(config, rules),
    ...modelFaults(config),
    ...routeFaults(config),
    ...fallbackFaults(config, exists),
    ...canaryFaults(config, exists),
    ...policyFaults(config, exists),
    ...otherFaults(config, rules, exists),
  ].map(([path, message]) => ({ path: pathOf(path), message }));
}
