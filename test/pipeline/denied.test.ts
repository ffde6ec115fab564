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
