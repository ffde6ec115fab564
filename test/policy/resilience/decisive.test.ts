import { describe, expect, it } from "vitest";
import { type ErrorCode, failure } from "../../../src/domain/error.ts";
import type { Verdict } from "../../../src/policy/resilience/classify.ts";
import { decisive } from "../../../src/policy/resilience/decisive.ts";

const verdict = (code: ErrorCode, retryAfterMs?: number): Verdict => ({
  action: "next_target",
  breaker: "ignore",
  failure: failure(code, retryAfterMs === undefined ? {} : { retryAfterMs }),
});

describe("the failure that the caller hears", () => {
  it.each<[string, Verdict[], ErrorCode, number | undefined]>([
    ["nothing could be asked", [], "no_healthy_upstream", undefined],
    ["one failed", [verdict("upstream_quota")], "upstream_quota", undefined],
    [
      "every target limits the rate: 429 with the soonest wait",
      [verdict("upstream_rate_limited", 9_000), verdict("upstream_rate_limited", 4_000)],
      "upstream_rate_limited",
      4_000,
    ],
    [
      "only some limit the rate: never 429",
      [verdict("upstream_rate_limited", 4_000), verdict("upstream_auth_failed")],
      "no_healthy_upstream",
      4_000,
    ],
    [
      "a rate limit and a throttle: 503 with the soonest wait",
      [verdict("upstream_rate_limited", 4_000), verdict("no_healthy_upstream", 20_000)],
      "no_healthy_upstream",
      4_000,
    ],
    [
      "a broken target outranks a limited one",
      [verdict("upstream_rate_limited", 4_000), verdict("upstream_error")],
      "upstream_error",
      undefined,
    ],
    [
      "a refused key does not hide a target that may come back",
      [verdict("upstream_auth_failed"), verdict("upstream_timeout")],
      "upstream_timeout",
      undefined,
    ],
    [
      "a refusal of the request does not hide a fault that a repeat may cure",
      [verdict("upstream_error"), verdict("invalid_parameter")],
      "upstream_error",
      undefined,
    ],
    [
      "among what no repeat cures the operator's fault comes before the caller's",
      [verdict("context_length_exceeded"), verdict("upstream_quota")],
      "upstream_quota",
      undefined,
    ],
  ])("%s", (_, verdicts, code, retryAfterMs) => {
    expect(decisive(verdicts)).toMatchObject({ code });
    expect(decisive(verdicts).retryAfterMs).toBe(retryAfterMs);
    expect(decisive([...verdicts].reverse())).toMatchObject({ code });
  });
});
