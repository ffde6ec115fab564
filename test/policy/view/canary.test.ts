import { describe, expect, it } from "vitest";
import {
  type CanaryOutcome,
  merged,
  NO_TALLY,
  reportOf,
  tallyOf,
} from "../../../src/policy/view/canary.ts";

const outcome = (more: Partial<CanaryOutcome> = {}): CanaryOutcome => ({
  canary: { id: "try", baseline: "old", candidate: "new" },
  arm: "baseline",
  ok: true,
  ms: 20,
  costNanoUsd: 1_500,
  tokens: 10,
  ...more,
});
const report = (...outcomes: CanaryOutcome[]) => reportOf(tallyOf(outcomes));
const QUIET = { requests: 0, errors: 0, p50_ms: 0, p99_ms: 0, cost_usd: 0, tokens: 0 };

describe("reportOf", () => {
  it("tells zeros where nothing was counted", () => {
    expect(reportOf(NO_TALLY)).toEqual({ baseline: QUIET, candidate: QUIET });
    expect(report()).toEqual({ baseline: QUIET, candidate: QUIET });
  });

  it("keeps the arms apart", () => {
    const candidate = outcome({ arm: "candidate", ms: 30, costNanoUsd: 4_000, tokens: 7 });
    expect(report(outcome(), candidate, outcome())).toEqual({
      baseline: {
        requests: 2,
        errors: 0,
        p50_ms: 20,
        p99_ms: 20,
        cost_usd: 0.000003,
        tokens: 20,
      },
      candidate: {
        requests: 1,
        errors: 0,
        p50_ms: 30,
        p99_ms: 30,
        cost_usd: 0.000004,
        tokens: 7,
      },
    });
  });

  it("counts an error as a request, and its tokens and its cost, but not its time", () => {
    const failed = outcome({ ok: false, ms: 1, tokens: 3, costNanoUsd: 500 });
    expect(report(outcome(), failed).baseline).toEqual({
      requests: 2,
      errors: 1,
      p50_ms: 20,
      p99_ms: 20,
      cost_usd: 0.000002,
      tokens: 13,
    });
  });

  it.each([
    ["an answer at an unknown price", outcome({ costNanoUsd: undefined }), null],
    ["a failure that used nothing", outcome({ ok: false, costNanoUsd: undefined, tokens: 0 }), 0],
    ["an answer that is free", outcome({ costNanoUsd: 0 }), 0],
  ])("gives the cost of %s", (_, one, cost) => {
    expect(report(one).baseline.cost_usd).toBe(cost);
  });

  it("does not make a sum of known and unknown prices", () => {
    expect(report(outcome(), outcome({ costNanoUsd: undefined })).baseline.cost_usd).toBeNull();
  });

  it("has no float noise in its costs", () => {
    const tenth = tallyOf([outcome({ costNanoUsd: 100_000_000 })]);
    expect(reportOf(merged(merged(tenth, tenth), tenth)).baseline.cost_usd).toBe(0.3);
  });
});
