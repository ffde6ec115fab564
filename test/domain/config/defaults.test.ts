import { describe, expect, it } from "vitest";
import { jsonSchema } from "../../../src/domain/config/json-schema.ts";

// config.md, literally: each field with a default and that default.
const DOCUMENTED: Record<string, unknown> = {
  "resilience.timeouts.headers_ms": 10_000,
  "resilience.timeouts.first_token_ms": 12_000,
  "resilience.timeouts.idle_ms": 20_000,
  "resilience.timeouts.response_ms": 120_000,
  "resilience.timeouts.total_ms": 600_000,
  "resilience.max_retries": 2,
  "resilience.breaker.volume": 20,
  "resilience.breaker.failure_rate": 0.5,
  "resilience.breaker.slow_rate": 0.8,
  "resilience.breaker.consecutive": 5,
  "resilience.breaker.open_ms": 15_000,
  "resilience.breaker.max_open_ms": 300_000,
  "resilience.hedge.enabled": false,
  "resilience.recovery": "continue",
  "policy.limits.soft": 0.8,
  "policy.limits.reserve": "strict",
  "policy.limits.store_down": "closed",
  "policy.limits.budget_status": 402,
  "policy.limits.rules.max_wait_ms": 0,
  "policy.limits.rules.timezone": "UTC",
  "policy.limits.rules.store": "object",
  "policy.routing.budget.alert": 0.8,
  "policy.routing.budget.hard": 0.95,
  "policy.cache.scope": "team",
  "policy.cache.when": "deterministic",
  "policy.cache.ttl": 3_600,
  "policy.cache.semantic.embedder": "lexical",
  "policy.cache.semantic.index": "object",
  "policy.cache.semantic.threshold": 0.95,
  "policy.cache.semantic.verify": 0,
  "policy.cache.semantic.max_entries": 10_000,
};

/** The defaults that a JSON Schema names, by path. */
function defaultsIn(schema: unknown, path: string): [string, unknown][] {
  const node: Record<string, unknown> = Object(schema);
  const own: [string, unknown][] = "default" in node ? [[path, node["default"]]] : [];
  const properties = Object.entries(Object(node["properties"])).flatMap(([name, inner]) =>
    defaultsIn(inner, path === "" ? name : `${path}.${name}`),
  );
  return [...own, ...properties, ...("items" in node ? defaultsIn(node["items"], path) : [])];
}

describe("the published schema", () => {
  it("names the defaults of config.md, all of them and no others", () => {
    const published = defaultsIn(jsonSchema(), "");
    expect(Object.fromEntries(published)).toEqual(DOCUMENTED);
  });
});
