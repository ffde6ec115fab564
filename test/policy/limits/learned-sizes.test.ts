import { describe, expect, it } from "vitest";
import {
  expectationOf,
  learn,
  NO_EXPECTATION,
  NOTHING_LEARNED,
  type SizeSample,
} from "../../../src/policy/limits/learned-sizes.ts";

const learntFrom = (count: number, sample: Partial<SizeSample>) => {
  const whole = { output: undefined, answers: 1, input: undefined, estimate: undefined, ...sample };
  return expectationOf(Array.from({ length: count }, () => whole).reduce(learn, NOTHING_LEARNED));
};

describe("what is learnt of a model's sizes", () => {
  it("is nothing before twenty calls", () => {
    const sample = { output: 100, input: 10, estimate: 10 };
    expect(learntFrom(19, sample)).toEqual(NO_EXPECTATION);
    expect(learntFrom(20, sample)).not.toEqual(NO_EXPECTATION);
  });

  it.each<[string, Partial<SizeSample>, "output" | "inputRatio", number, number]>([
    ["the length of an answer", { output: 100 }, "output", 100, 125],
    ["one answer of several", { output: 400, answers: 4 }, "output", 100, 125],
    ["an empty answer as one token", { output: 0 }, "output", 1, 1],
    ["how far the estimate was off", { input: 300, estimate: 100 }, "inputRatio", 3, 3.15],
  ])("holds %s", (_, sample, field, least, most) => {
    const found = learntFrom(30, sample)[field];
    expect(found).toBeGreaterThanOrEqual(least);
    expect(found).toBeLessThanOrEqual(most);
  });

  it.each<[string, Partial<SizeSample>]>([
    ["an output that nobody reported", { output: undefined }],
    ["an output that is no count", { output: Number.NaN }],
    ["an input without an estimate", { input: 5 }],
    ["an estimate of nothing", { input: 5, estimate: 0 }],
  ])("learns nothing from %s", (_, sample) => {
    expect(learntFrom(30, sample)).toEqual(NO_EXPECTATION);
  });
});
