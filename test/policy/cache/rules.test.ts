import { describe, expect, it } from "vitest";
import { cacheRulesFor } from "../../../src/policy/cache/rules.ts";

describe("caching rules of a caller", () => {
  it("are off where no level says anything, with the defaults of the configuration", () => {
    expect(cacheRulesFor([undefined, {}])).toEqual({
      mode: "off",
      scope: "team",
      when: "deterministic",
      ttl: 3_600,
      models: undefined,
      semantic: {
        mode: "off",
        embedder: "lexical",
        index: "object",
        threshold: 0.95,
        maxError: undefined,
        verify: 0,
        ttl: 3_600,
        maxEntries: 10_000,
      },
    });
  });

  it("come field by field from the lowest level that sets the field", () => {
    const rules = cacheRulesFor([
      { cache: { mode: "on", ttl: 60, scope: "org" } },
      undefined,
      { cache: { mode: "on", when: "always", models: ["gpt-*"] } },
    ]);
    expect(rules).toMatchObject({ mode: "on", ttl: 60, scope: "org", when: "always" });
    expect(rules.models).toEqual(["gpt-*"]);
  });

  it("stay as a level that is locked says, whatever stands below it", () => {
    const rules = cacheRulesFor([
      { cache: { mode: "on", ttl: 60 } },
      { cache: { mode: "on", locked: true, scope: "key" } },
      { cache: { mode: "off", ttl: 9_999, scope: "org" } },
    ]);
    expect(rules).toMatchObject({ mode: "on", ttl: 60, scope: "key" });
  });

  it("merge the semantic section field by field too", () => {
    const { semantic } = cacheRulesFor([
      { cache: { mode: "on", semantic: { mode: "on", threshold: 0.9, verify: 0.01 } } },
      { cache: { mode: "on", semantic: { mode: "shadow", max_error: 0.02 } } },
    ]);
    expect(semantic).toMatchObject({
      mode: "shadow",
      threshold: 0.9,
      verify: 0.01,
      maxError: 0.02,
    });
  });

  it("say what is to be kept by meaning, and how", () => {
    const said = { embedder: "small", index: "vectorize", max_entries: 7, ttl: 30 } as const;
    const { semantic } = cacheRulesFor([
      { cache: { mode: "on", ttl: 60, semantic: { mode: "on", ...said } } },
    ]);
    const { max_entries: maxEntries, ...rest } = said;
    expect(semantic).toMatchObject({ ...rest, maxEntries });
  });

  it("keep the semantic section of a higher level where a lower one has none", () => {
    const { semantic } = cacheRulesFor([
      { cache: { mode: "on", semantic: { mode: "on" } } },
      { cache: { mode: "on", ttl: 10 } },
    ]);
    expect(semantic).toMatchObject({ mode: "on", ttl: 10 });
  });

  it.each([
    ["off", "on", "off"],
    ["shadow", "on", "shadow"],
    ["on", "shadow", "shadow"],
    ["on", "on", "on"],
  ] as const)("cache %s and semantic %s make semantic %s", (mode, wished, is) => {
    expect(cacheRulesFor([{ cache: { mode, semantic: { mode: wished } } }]).semantic.mode).toBe(is);
  });

  it("have no default threshold where a bound on errors rules", () => {
    const semantic = { mode: "on", max_error: 0.05 } as const;
    expect(cacheRulesFor([{ cache: { mode: "on", semantic } }]).semantic.threshold).toBeUndefined();
  });
});
