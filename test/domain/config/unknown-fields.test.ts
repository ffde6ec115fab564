import { describe, expect, it } from "vitest";
import { problemsOfError } from "../../../src/domain/config/problems.ts";
import { parseConfig, UsablePolicy } from "../../../src/domain/config/validate.ts";
import { wholeConfig, withValue } from "./whole.ts";

const NAMED = new Set(["providers", "models", "routes", "fallbacks", "headers", "signals"]);

/** The path of every object whose keys are fields, not names. */
function objects(value: unknown, path: string, key: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => objects(item, `${path}[${i}]`, ""));
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).flatMap(([name, next]) =>
    objects(next, path === "" ? name : `${path}.${name}`, NAMED.has(key) ? "" : name),
  );
  // `policy.models` has fields, the models of the configuration have names.
  const fields = !NAMED.has(key) || path === "policy.models";
  return fields ? [path, ...inner] : inner;
}

const rules = { allowPrivate: false };
const places = objects(wholeConfig(), "", "");

describe("an unknown field", () => {
  it("is looked for in many places", () => {
    expect(places.length).toBeGreaterThan(40);
    expect(places).toContain("policy.models");
    expect(places).toContain("models.big.price.above");
  });

  it.each(places)("is refused with its path in '%s'", (place) => {
    const path = place === "" ? "surprise" : `${place}.surprise`;
    const result = parseConfig(withValue(path, 1), rules);
    expect(result.ok ? [] : result.error).toContainEqual({ path, message: "unknown field" });
  });

  it("is refused in a policy of its own", () => {
    const { error } = UsablePolicy.safeParse({ limits: { mode: "off", rules: [], max: 1 } });
    expect(error === undefined ? [] : problemsOfError(error)).toEqual([
      { path: "limits.max", message: "unknown field" },
    ]);
  });

  it.each(["__proto__", "constructor"])("called %s is refused like any other", (key) => {
    const document: unknown = JSON.parse(`{"providers": {}, "models": {}, "${key}": {"x": 1}}`);
    expect(parseConfig(document, rules).ok).toBe(false);
  });

  it("does not hide the other faults: all are told at once", () => {
    const result = parseConfig(
      { providers: { a: { kind: "nope" } }, models: { m: {} }, extra: 1 },
      rules,
    );
    expect(result.ok ? [] : result.error.map((problem) => problem.path)).toEqual([
      "providers.a.kind",
      "models.m.provider",
      "extra",
    ]);
  });
});
