import { describe, expect, it } from "vitest";
import type { DenialTally } from "../../src/domain/ledger-row.ts";
import { createAdmissions } from "../../src/platform/objects/organisation-admissions.ts";
import type { AdmitCall } from "../../src/platform/objects/organisation-calls.ts";
import type { Denied } from "../../src/policy/limits/admission.ts";

const denied = (code: Denied["code"]): Denied => ({
  ok: false,
  code,
  status: 429,
  retryAfterMs: 1_000,
  level: "key",
  unit: "tokens",
  per: "day",
  limit: 1,
  used: 1,
  remaining: 0,
  resetsAt: 0,
});

const callOf = (key: string, mayAskAgain = false, mayBeGiven = false): AdmitCall =>
  ({
    ...{ principal: { org: "acme", key }, mayAskAgain },
    admission: { mayBeGiven },
  }) as unknown as AdmitCall;

const stage = (answer: Denied) => {
  const tallies: DenialTally[] = [];
  const asked: string[] = [];
  const decide = createAdmissions({
    core: {
      admit: (calls) => {
        asked.push(...calls.map(({ principal }) => principal.key));
        return calls.map(() => answer);
      },
      end: () => undefined,
    },
    keys: { judge: ({ key }) => (key === "gone" ? "revoked" : "live"), edition: () => "first" },
    denials: { add: (some) => void tallies.push(...some) },
    now: () => 0,
    shipSoon: () => undefined,
  });
  return { decide, tallies, asked };
};

describe("admissions that are decided together", () => {
  it("leave out who was revoked, and answer everybody in his place", () => {
    const { decide, asked } = stage(denied("rate_limit_requests"));
    const answers = decide([
      { call: callOf("one"), ends: [] },
      { call: undefined, ends: [] },
      { call: callOf("gone"), ends: [] },
      { call: callOf("two"), ends: [] },
    ]);
    expect(asked).toEqual(["one", "two"]);
    expect(answers).toEqual([
      denied("rate_limit_requests"),
      undefined,
      { ok: false, code: "revoked" },
      denied("rate_limit_requests"),
    ]);
  });

  it.each([
    ["rate_limit_tokens", true, 0],
    ["rate_limit_tokens", false, 1],
    ["rate_limit_requests", true, 1],
  ] as const)("count a refusal with %s, asked again: %s, %i times", (code, mayAskAgain, count) => {
    const { decide, tallies } = stage(denied(code));
    decide([{ call: callOf("one", mayAskAgain), ends: [] }]);
    expect(tallies).toHaveLength(count);
  });

  it.each([
    ["budget_exceeded", true, 0],
    ["budget_exceeded", false, 1],
    ["rate_limit_requests", true, 1],
    ["rate_limit_concurrency", true, 1],
  ] as const)(
    "count a refusal with %s, a kept answer looked for: %s, %i times",
    (code, looked, count) => {
      const { decide, tallies } = stage(denied(code));
      decide([{ call: callOf("one", false, looked), ends: [] }]);
      expect(tallies).toHaveLength(count);
    },
  );
});
