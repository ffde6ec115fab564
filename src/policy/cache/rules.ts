/**
 * Decides: which caching holds for a caller, from the policies of all levels (config.md, "Merging").
 * Never: looks at a request; that is allowed.ts.
 */
import { CACHE, SEMANTIC_CACHE } from "../../domain/config/defaults.ts";
import type { Mode, Policy } from "../../domain/config/schema.ts";

type Section = NonNullable<Policy["cache"]>;

export type CacheScope = "org" | "team" | "user" | "key";

export type SemanticRules = {
  /** Never laxer than the cache's own mode. */
  readonly mode: Mode;
  /** `lexical`, or a configured embedding model. */
  readonly embedder: string;
  readonly index: "object" | "vectorize";
  /** The least similarity; undefined where `maxError` rules alone. */
  readonly threshold: number | undefined;
  /** The most wrong hits among hits, 0..1. */
  readonly maxError: number | undefined;
  /** The share of hits that is asked again, 0..1. */
  readonly verify: number;
  /** Seconds. */
  readonly ttl: number;
  readonly maxEntries: number;
};

export type CacheRules = {
  readonly mode: Mode;
  readonly scope: CacheScope;
  readonly when: "deterministic" | "always";
  /** Seconds: the most that any request may ask for. */
  readonly ttl: number;
  /** Patterns of asked names; undefined: all. */
  readonly models: readonly string[] | undefined;
  readonly semantic: SemanticRules;
};

const STRENGTH: Readonly<Record<Mode, number>> = { off: 0, shadow: 1, on: 2 };
const weaker = (one: Mode, other: Mode): Mode => (STRENGTH[one] <= STRENGTH[other] ? one : other);

/** The lowest level that sets a field decides, unless a higher one says `locked`; within `semantic` too. */
const merged = (policies: readonly (Policy | undefined)[]): Section | undefined => {
  let cache: Section | undefined;
  for (const policy of policies) {
    const next = policy?.cache;
    if (next === undefined) continue;
    const semantic = next.semantic && { ...cache?.semantic, ...next.semantic };
    cache = { ...cache, ...next, ...(semantic && { semantic }) };
    if (cache.locked === true) break;
  }
  return cache;
};

const semanticOf = (cache: Section | undefined): SemanticRules => {
  const semantic = cache?.semantic;
  const maxError = semantic?.max_error;
  return {
    mode: weaker(cache?.mode ?? "off", semantic?.mode ?? "off"),
    embedder: semantic?.embedder ?? SEMANTIC_CACHE.embedder,
    index: semantic?.index ?? SEMANTIC_CACHE.index,
    // The default threshold is for those who set no bound on errors: a bound that is set knows better.
    threshold:
      semantic?.threshold ?? (maxError === undefined ? SEMANTIC_CACHE.threshold : undefined),
    maxError,
    verify: semantic?.verify ?? SEMANTIC_CACHE.verify,
    ttl: semantic?.ttl ?? cache?.ttl ?? CACHE.ttl,
    maxEntries: semantic?.max_entries ?? SEMANTIC_CACHE.max_entries,
  };
};

/** `policies`: from the configuration down to the key. */
export const cacheRulesFor = (policies: readonly (Policy | undefined)[]): CacheRules => {
  const cache = merged(policies);
  return {
    mode: cache?.mode ?? "off",
    scope: cache?.scope ?? CACHE.scope,
    when: cache?.when ?? CACHE.when,
    ttl: cache?.ttl ?? CACHE.ttl,
    models: cache?.models,
    semantic: semanticOf(cache),
  };
};
