import { describe, expect, it } from "vitest";
import { problemsOfError } from "../../../src/domain/config/problems.ts";
import { checkReferences } from "../../../src/domain/config/references.ts";
import { ConfigSchema } from "../../../src/domain/config/schema.ts";
import { wholeConfig, withValue } from "./whole.ts";

/** What schema and references find, whether or not the feature is built. */
function faultsOf(document: unknown): readonly string[] {
  const parsed = ConfigSchema.safeParse(document);
  const problems = parsed.success
    ? checkReferences(parsed.data, { allowPrivate: false })
    : problemsOfError(parsed.error);
  return problems.map((problem) => problem.path);
}

// Each field of config.md with values that are wrong there. The whole configuration, in which each
// has a right one, is accepted.
const T = "timeouts";
const RULES = "policy.limits.rules";
const SEMANTIC = "policy.cache.semantic";
const PRICE = "models.big.price";
const WRONG: Record<string, readonly unknown[]> = {
  default_model: ["unknown", 1, "a#b"],
  providers: [undefined, [], null],
  models: [undefined, []],
  routes: [[], "x"],
  fallbacks: [[], 1],
  canaries: [{}, "x"],
  policy: [[], true],
  resilience: [[], true],
  alerts: [[], {}],
  "providers.main.kind": [undefined, "bedrock", "ollama2"],
  "providers.main.base_url": ["http://api.example.com/v1", "", 5, "https://127.0.0.1/v1"],
  "providers.main.api_key": ["sk-123", [], { secret: "ADMIN_TOKEN" }, [{ secret: "KEY_PEPPER" }]],
  "providers.main.api_key[1].secret": ["MASTER_KEY", "a-b", "", 1],
  "providers.main.headers": [{ Authorization: "x" }, { "x-a": "a\r\nb" }, { "": "x" }, ["a"]],
  [`providers.main.${T}.headers_ms`]: [0, -1, 1.5, "10", 3_600_001],
  [`providers.main.${T}.first_token_ms`]: [0],
  [`providers.main.${T}.idle_ms`]: [0],
  [`providers.main.${T}.response_ms`]: [0],
  [`providers.main.${T}.total_ms`]: [0, null],
  "providers.main.max_retries": [-1, 1.5, 11, "2"],
  "models.big.provider": [undefined, "nobody", 1],
  "models.big.upstream": ["", "a/../b", "a?b", "a b", "x@y"],
  [PRICE]: [5, { input: 1 }],
  [`${PRICE}.input`]: [undefined, -1, "1", Number.POSITIVE_INFINITY],
  [`${PRICE}.output`]: [undefined, -1],
  [`${PRICE}.cache_read`]: [-1],
  [`${PRICE}.cache_write`]: [-1],
  [`${PRICE}.cache_write_1h`]: [-1],
  [`${PRICE}.reasoning`]: [-1],
  [`${PRICE}.audio_input`]: [-1],
  [`${PRICE}.audio_output`]: [-1],
  [`${PRICE}.image`]: [-1],
  [`${PRICE}.request`]: [-1, 1_000_001],
  [`${PRICE}.above.tokens`]: [undefined, 0, 1.5],
  [`${PRICE}.above.input`]: [undefined, -1],
  [`${PRICE}.above.output`]: [undefined, -1],
  "models.big.context": [0, 1.5, "128k"],
  "models.big.max_output": [0, 1.5],
  "models.big.capabilities": ["tools", ["telepathy"]],
  "models.big.tier": ["hard"],
  "models.big.region": ["", "eu#1", "a..b"],
  "models.big.limits[0].unit": [undefined, "usd"],
  "models.big.limits[0].per": [undefined, "month"],
  "models.big.limits[0].max": [undefined, 0, 1.5],
  "models.big.limits[0].share": [0, 1.1],
  [`models.big.${T}.idle_ms`]: [0],
  "models.big.max_retries": [-1],
  "routes.spread.strategy": [undefined, "random"],
  "routes.spread.models": [undefined, [], ["nobody"], ["clever"]],
  "routes.spread.models[1].weight": [undefined, 0, -1],
  "routes.spread.models[1].model": [undefined, "nobody"],
  "routes.spread.require": [["telepathy"]],
  "routes.clever.tiers.simple": [undefined, [], ["nobody"]],
  "routes.clever.tiers.moderate": [undefined, [], ["nobody"]],
  "routes.clever.tiers.complex": [undefined, [], ["nobody"]],
  "routes.clever.thresholds.complex": [undefined, 0.3, 0.2],
  "routes.clever.thresholds.moderate": [undefined, "x"],
  "routes.clever.signals": [{ "Bad Name": 1 }, { code: "x" }],
  "fallbacks.big": ["small", ["nobody"], ["big"], ["small", "small"]],
  "fallbacks.*": [["nobody"]],
  "fallbacks.nobody": [["small"]],
  "canaries[0].id": [undefined, "", "a#"],
  "canaries[0].baseline": [undefined, "nobody"],
  "canaries[0].candidate": [undefined, "nobody", "big"],
  "canaries[0].percent": [undefined, -1, 100.1, "5"],
  "canaries[0].sticky": ["ip"],
  "policy.limits.mode": [undefined, "yes", true],
  "policy.limits.soft": [-0.1, 1.1],
  "policy.limits.reserve": ["loose"],
  "policy.limits.store_down": ["open"],
  "policy.limits.budget_status": [403, "402"],
  [RULES]: [undefined, {}],
  [`${RULES}[0].unit`]: [undefined, "eur"],
  [`${RULES}[0].per`]: [undefined, "second"],
  [`${RULES}[0].max`]: [undefined, -1, 1.5, "100"],
  [`${RULES}[0].kind`]: ["window"],
  [`${RULES}[0].burst`]: [0, 1.5],
  [`${RULES}[0].max_wait_ms`]: [5],
  [`${RULES}[0].timezone`]: ["UTC"],
  [`${RULES}[0].level`]: ["customer", "tag:", "tag:A", "tag:a b"],
  [`${RULES}[1].max_wait_ms`]: [-1, 1.5],
  [`${RULES}[1].burst`]: [5],
  [`${RULES}[1].store`]: ["redis"],
  [`${RULES}[2].timezone`]: ["Mars/Olympus", "../etc"],
  [`${RULES}[2].kind`]: ["sliding"],
  [`${RULES}[4].per`]: ["minute"],
  [`${RULES}[4].kind`]: ["bucket"],
  [`${RULES}[4].max`]: [1.5],
  [`${RULES}[5].burst`]: [0, -1, 1e13, "1"],
  [`${RULES}[4].when.stream`]: ["yes"],
  [`${RULES}[4].when.models`]: ["big", ["a b"]],
  [`${RULES}[4].when.endpoints`]: [["images"]],
  "policy.models.allow": ["*", ["a b"]],
  "policy.models.deny": [["#"]],
  "policy.tags.required": ["project", ["Project"]],
  "policy.routing.mode": [undefined, "auto"],
  "policy.routing.locked": ["yes"],
  "policy.routing.budget.alert": [-1, 2],
  "policy.routing.budget.hard": [-1, 2, 0.5, 0.4],
  "policy.routing.budget.middle": [undefined, [], ["nobody"]],
  "policy.routing.budget.cheapest": [undefined, [], ["nobody"]],
  "policy.cache.mode": [undefined, "auto"],
  "policy.cache.locked": ["yes"],
  "policy.cache.scope": ["global"],
  "policy.cache.when": ["sometimes"],
  "policy.cache.ttl": [0, 1.5, "1h"],
  "policy.cache.models": ["*"],
  [`${SEMANTIC}.mode`]: [undefined],
  [`${SEMANTIC}.embedder`]: ["nobody", "clever", 1],
  [`${SEMANTIC}.index`]: ["pinecone"],
  [`${SEMANTIC}.threshold`]: [0, 1.1],
  [`${SEMANTIC}.max_error`]: [-1, 2],
  [`${SEMANTIC}.verify`]: [-1, 2],
  [`${SEMANTIC}.ttl`]: [0],
  [`${SEMANTIC}.max_entries`]: [0],
  "policy.guards.pii": [{}, "on"],
  "policy.guards.injection": [{ mode: "block" }],
  "policy.guards.secrets": [true],
  "policy.audit.mode": [undefined, "full"],
  "policy.audit.body": ["plain"],
  "policy.audit.days": [0],
  [`resilience.${T}.total_ms`]: [0],
  "resilience.max_retries": [-1],
  "resilience.breaker.enabled": ["yes"],
  "resilience.breaker.volume": [0],
  "resilience.breaker.failure_rate": [0, 1.1],
  "resilience.breaker.slow_rate": [0, 1.1],
  "resilience.breaker.consecutive": [0],
  "resilience.breaker.open_ms": [0],
  "resilience.breaker.max_open_ms": [0, 14_999],
  "resilience.hedge.enabled": ["yes"],
  "resilience.hedge.after": ["p50", 0],
  "resilience.recovery": ["restart", "none"],
  "resilience.fallback_on": ["content_filter", ["timeout"]],
  "alerts.webhooks": [undefined, {}],
  "alerts.webhooks[0].url": [undefined, "http://hooks.example.com/", "https://localhost/"],
  "alerts.webhooks[0].secret": [undefined, "whsec", { secret: "MASTER_KEY" }],
};

describe("every field of the configuration", () => {
  it("has a right value in the whole configuration, which is accepted", () => {
    expect(faultsOf(wholeConfig())).toEqual([]);
  });

  it.each(Object.entries(WRONG))("%s refuses wrong values, naming the path", (path, values) => {
    for (const value of values) {
      const faults = faultsOf(withValue(path, value));
      expect(
        faults.some((fault) => fault.startsWith(path)),
        `${JSON.stringify(value)}: ${faults.join()}`,
      ).toBe(true);
    }
  });

  it("is in the table of wrong values", () => {
    const fields = (value: unknown, path: string): string[] => {
      if (Array.isArray(value)) return value.flatMap((item, i) => fields(item, `${path}[${i}]`));
      if (typeof value !== "object" || value === null) return [path];
      return Object.entries(value).flatMap(([key, inner]) =>
        fields(inner, path === "" ? key : `${path}.${key}`),
      );
    };
    const tested = Object.keys(WRONG);
    // A list's entries and a repeated shape are covered where they stand for the first time.
    const bare = (path: string) =>
      path
        .replaceAll(/\[\d+\]/g, "")
        .split(".")
        .slice(-1)[0];
    const covered = new Set(tested.map(bare));
    const missing = fields(wholeConfig(), "").filter(
      (path) => !tested.some((t) => path.startsWith(t)) && !covered.has(bare(path)),
    );
    expect(missing).toEqual([]);
  });
});
