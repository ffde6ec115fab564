import { describe, expect, it } from "vitest";
import { problemsOfError } from "../../../src/domain/config/problems.ts";
import { parseConfig, UsablePolicy } from "../../../src/domain/config/validate.ts";

const rules = { allowPrivate: false };
const base = {
  providers: { p: { kind: "demo" } },
  models: { m: { provider: "p" }, n: { provider: "p" } },
};
const pathsOf = (result: ReturnType<typeof parseConfig>) =>
  result.ok ? [] : result.error.map((problem) => problem.path);
const problemsOf = (policy: unknown) => {
  const { error } = UsablePolicy.safeParse(policy);
  return error === undefined ? [] : problemsOfError(error);
};

describe("a feature that is not built", () => {
  it.each([
    ["guards.pii.mode", (mode: string) => ({ guards: { pii: { mode } } })],
    ["guards.injection.mode", (mode: string) => ({ guards: { injection: { mode } } })],
    ["guards.secrets.mode", (mode: string) => ({ guards: { secrets: { mode } } })],
    ["audit.mode", (mode: string) => ({ audit: { mode } })],
  ])(
    "is refused at %s when on or shadow, everywhere a policy stands, and accepted when off",
    (path, policy) => {
      for (const mode of ["on", "shadow"]) {
        expect(pathsOf(parseConfig({ ...base, policy: policy(mode) }, rules))).toEqual([
          `policy.${path}`,
        ]);
        expect(problemsOf(policy(mode)).map((problem) => problem.path)).toEqual([path]);
      }
      expect(parseConfig({ ...base, policy: policy("off") }, rules).ok).toBe(true);
      expect(problemsOf(policy("off"))).toEqual([]);
    },
  );

  it("says what to do", () => {
    expect(problemsOf({ audit: { mode: "on" } })[0]?.message).toBe(
      "this feature is not part of this version: leave it out or switch it off",
    );
  });
});

describe("what is built", () => {
  it("is accepted: chains, timeouts, repeats, breaker settings, recovery, lists of models, tags", () => {
    const document = {
      ...base,
      fallbacks: { m: ["n"] },
      resilience: {
        timeouts: { total_ms: 1_000 },
        max_retries: 1,
        breaker: { enabled: true },
        hedge: { enabled: false },
        recovery: "hold",
        fallback_on: ["content_filter"],
      },
      policy: {
        models: { allow: ["m"] },
        tags: { required: ["project"] },
        cache: {
          ...{ mode: "on", scope: "key", when: "always", ttl: 60, models: ["m"] },
          semantic: { mode: "on", threshold: 0.9, max_error: 0.02, verify: 0.01 },
        },
      },
    };
    expect(parseConfig(document, rules)).toEqual({ ok: true, value: document });
  });
});
