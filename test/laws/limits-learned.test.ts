import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  expectationOf,
  type LearnedSizes,
  learn,
  NOTHING_LEARNED,
  OUTPUT_SCALE,
  RATIO_SCALE,
  type SizeSample,
} from "../../src/policy/limits/learned-sizes.ts";

const sample: fc.Arbitrary<SizeSample> = fc.record({
  output: fc.option(fc.oneof(fc.nat({ max: 200 }), fc.nat({ max: 1_000_000 })), { nil: undefined }),
  answers: fc.integer({ min: 1, max: 4 }),
  input: fc.option(fc.nat({ max: 100_000 }), { nil: undefined }),
  estimate: fc.option(fc.nat({ max: 100_000 }), { nil: undefined }),
});
const learnt = (samples: readonly SizeSample[], from = NOTHING_LEARNED): LearnedSizes =>
  samples.reduce(learn, from);
const answer = (output: number): SizeSample => ({
  output,
  answers: 1,
  input: undefined,
  estimate: undefined,
});
const input = (input: number, estimate: number): SizeSample => ({
  output: undefined,
  answers: 1,
  input,
  estimate,
});
/** The smallest value that at least 95 of 100 do not exceed. */
const p95 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? 0;

describe("laws of what is learnt of sizes", () => {
  it("the answer expected is the true p95 or less than a step above it", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 1_000_000 }), {
      minLength: 20,
      maxLength: 300,
    });
    fc.assert(
      fc.property(sizes, (outputs) => {
        const { output = 0 } = expectationOf(learnt(outputs.map(answer)));
        const truth = p95(outputs);
        expect(output).toBeGreaterThanOrEqual(truth);
        expect(output).toBeLessThan(truth * OUTPUT_SCALE.factor + 1);
      }),
    );
  });

  it("the ratio expected is the true p95 or less than a step above it", () => {
    const pairs = fc.array(
      fc.record({
        estimate: fc.integer({ min: 1_000, max: 50_000 }),
        ratio: fc.double({ min: 0.25, max: 9, noNaN: true }),
      }),
      { minLength: 20, maxLength: 300 },
    );
    fc.assert(
      fc.property(pairs, (met) => {
        const calls = met.map(({ estimate, ratio }) =>
          input(Math.ceil(estimate * ratio), estimate),
        );
        const { inputRatio = 0 } = expectationOf(learnt(calls));
        const truth = p95(calls.map((call) => (call.input ?? 0) / (call.estimate ?? 1)));
        expect(inputRatio).toBeGreaterThanOrEqual(truth * (1 - 1e-9));
        expect(inputRatio).toBeLessThan(truth * RATIO_SCALE.factor * (1 + 1e-9));
      }),
    );
  });

  it("goes on identically from JSON at any step, in less than a kilobyte", () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 100 }), fc.nat({ max: 100 }), (samples, at) => {
        const half = JSON.stringify(learnt(samples.slice(0, at)));
        const restored = learnt(samples.slice(at), JSON.parse(half) as LearnedSizes);
        expect(restored).toEqual(learnt(samples));
        expect(JSON.stringify(restored).length).toBeLessThan(1_024);
      }),
    );
  });

  it("stays below a kilobyte however much was learnt", () => {
    let state = NOTHING_LEARNED;
    for (let at = 0; at < 20_000; at++) {
      const size = Math.ceil(1.25 ** ((at * 7) % 64));
      state = learn(state, { output: size, answers: 1, input: 1 + (at % 997), estimate: 97 });
    }
    expect(JSON.stringify(state).length).toBeLessThan(1_024);
  });

  it("forgets what has not been so for a thousand calls", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        (before, after) => {
          const long = Array.from({ length: 1_000 }, () => answer(before));
          const lately = Array.from({ length: 2_000 }, () => answer(after));
          const state = learnt([...long, ...lately]);
          const { output = 0 } = expectationOf(state);
          expect(output).toBeGreaterThanOrEqual(after);
          expect(output).toBeLessThan(after * OUTPUT_SCALE.factor + 1);
        },
      ),
      { numRuns: 30 },
    );
  });
});
