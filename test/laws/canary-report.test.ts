import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CanaryOutcome,
  type CanaryTally,
  merged,
  NO_TALLY,
  reportOf,
  tallyOf,
} from "../../src/policy/view/canary.ts";
import { latenciesOf, mergedLatencies, quantileOf } from "../../src/policy/view/canary-latency.ts";

const outcome: fc.Arbitrary<CanaryOutcome> = fc.record({
  canary: fc.constant({ id: "try", baseline: "old", candidate: "new" }),
  arm: fc.constantFrom("baseline" as const, "candidate" as const),
  ok: fc.boolean(),
  ms: fc.nat(600_000),
  costNanoUsd: fc.option(fc.nat(10_000_000_000), { nil: undefined }),
  tokens: fc.nat(2_000_000),
});
const outcomes = fc.array(outcome, { maxLength: 40 });
/** Latencies of every order of magnitude, not only of the largest. */
const latency = fc.integer({ min: 0, max: 25 }).chain((bits) => fc.nat(2 ** bits));

const restored = (tally: CanaryTally): CanaryTally => JSON.parse(JSON.stringify(tally));

describe("laws of a canary's report", () => {
  it("counts the same however the outcomes are spread over batches, in whatever order", () => {
    fc.assert(
      fc.property(fc.array(outcomes, { maxLength: 6 }), (batches) => {
        const whole = tallyOf(batches.flat());
        expect(batches.map(tallyOf).reduce(merged, NO_TALLY)).toEqual(whole);
        expect(batches.map(tallyOf).reduceRight(merged, NO_TALLY)).toEqual(whole);
      }),
    );
  });

  it("goes on identically from what was written down at any step", () => {
    fc.assert(
      fc.property(fc.array(outcomes, { maxLength: 6 }), (batches) => {
        const kept = batches.reduce((all, batch) => merged(all, tallyOf(batch)), NO_TALLY);
        const stored = batches.reduce(
          (all, batch) => restored(merged(restored(all), restored(tallyOf(batch)))),
          NO_TALLY,
        );
        expect(stored).toEqual(kept);
        expect(reportOf(stored)).toEqual(reportOf(kept));
      }),
    );
  });

  it("is within 1 % and half a millisecond of the true quantile, merged or not", () => {
    const share = fc.constantFrom(0.5, 0.99, 1);
    fc.assert(
      fc.property(
        fc.array(latency, { minLength: 1, maxLength: 200 }),
        share,
        fc.nat(),
        (all, q, cut) => {
          const at = cut % all.length;
          const parts = mergedLatencies(latenciesOf(all.slice(0, at)), latenciesOf(all.slice(at)));
          const sorted = all.toSorted((a, b) => a - b);
          const truth = sorted[Math.ceil(q * all.length) - 1] ?? Number.NaN;
          const told = quantileOf(parts, q);
          expect(Math.abs(told - truth)).toBeLessThanOrEqual(truth * 0.01 + 0.5 + 1e-6);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("never tells a p99 below the p50", () => {
    fc.assert(
      fc.property(outcomes, (all) => {
        const { baseline } = reportOf(tallyOf(all));
        expect(baseline.p99_ms).toBeGreaterThanOrEqual(baseline.p50_ms);
      }),
    );
  });
});
