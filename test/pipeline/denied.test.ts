import { expect, it } from "vitest";
import type { Denied } from "../../src/policy/limits/admission.ts";
import { type Limiter, noLimiter } from "../../src/ports-account.ts";
import { scene, whole } from "./cache-scene.ts";

const SLOTS: Omit<Denied, "level"> = {
  ...{ ok: false, code: "rate_limit_concurrency", status: 429, retryAfterMs: 1_000 },
  ...{ unit: "concurrent", per: undefined, limit: 5, used: 5, remaining: 0, resetsAt: 60_000 },
};

// A limit of slots has no window; where it stood nowhere, readers of `details.per` met a missing field.
it.each([
  ["team", { level: "team", unit: "concurrent", per: null, limit: 5, used: 5 }],
  ["org", { level: "org", unit: "concurrent", per: null, limit: 5 }],
])(
  "a refusal names its limit in the same fields, with or without a window: %s",
  async (level, details) => {
    const limiter: Limiter = { ...noLimiter, admit: () => ({ ...SLOTS, level }) };
    const { run, ask } = scene(() => whole("hello"), { limiter });
    const reply = await run(ask());
    expect(reply).toMatchObject({ ok: false, failure: { code: "rate_limit_concurrency" } });
    expect(reply.ok ? {} : reply.failure.details).toEqual({
      ...details,
      resets_at: "1970-01-01T00:01:00.000Z",
    });
  },
);

const refusedBy = async (denied: Awaited<ReturnType<Limiter["admit"]>>) => {
  const limiter: Limiter = { ...noLimiter, admit: () => denied };
  const { run, ask } = scene(() => whole("hello"), { limiter });
  const reply = await run(ask());
  if (reply.ok) throw new Error("it went through");
  return reply;
};

it.each([
  [429, 5_000, { status: 429, retryAfterMs: 5_000 }],
  [402, undefined, { status: undefined, retryAfterMs: undefined }],
] as const)(
  "a spent budget is told with %i and the wait that was found: %j",
  async (status, retryAfterMs, told) => {
    const budget = { code: "budget_exceeded", unit: "usd", per: "day" } as const;
    const { failure } = await refusedBy({
      ...SLOTS,
      ...budget,
      status,
      retryAfterMs,
      level: "team",
    });
    const { status: said, retryAfterMs: wait } = failure;
    expect([failure.code, { status: said, retryAfterMs: wait }]).toEqual(["budget_exceeded", told]);
  },
);

it("a limiter that nobody reaches says when to come back, and names no limit", async () => {
  const { failure } = await refusedBy({ ok: false, code: "unavailable", retryAfterMs: 2_000 });
  expect(failure).toMatchObject({ code: "limiter_unavailable", retryAfterMs: 2_000 });
  expect(failure.details).toBeUndefined();
});

it("a key that was revoked meanwhile is an invalid one", async () => {
  const { failure } = await refusedBy({ ok: false, code: "revoked" });
  expect(failure.code).toBe("invalid_api_key");
});
