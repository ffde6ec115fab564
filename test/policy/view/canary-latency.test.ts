import { describe, expect, it } from "vitest";
import {
  latenciesOf,
  mergedLatencies,
  NO_LATENCIES,
  quantileOf,
} from "../../../src/policy/view/canary-latency.ts";

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

describe("quantileOf", () => {
  it.each([
    ["nothing", [], 0, 0],
    ["one latency", [7], 7, 7],
    ["nothing but zeros", [0, 0, 0], 0, 0],
    ["a zero and a millisecond", [0, 1], 0, 1],
    ["one to forty", upTo(40), 20, 40],
    ["a slow one in a hundred", [...Array<number>(99).fill(12), 45], 12, 12],
    ["two slow ones in a hundred", [...Array<number>(98).fill(12), 45, 45], 12, 45],
  ])("of %s is exact below fifty milliseconds", (_, milliseconds, p50, p99) => {
    const latencies = latenciesOf(milliseconds);
    expect([quantileOf(latencies, 0.5), quantileOf(latencies, 0.99)]).toEqual([p50, p99]);
  });

  it.each([100, 999, 12_345, 120_000, 600_000, 86_400_000])("of %i ms is within 1 %%", (ms) => {
    const told = quantileOf(latenciesOf([ms]), 0.99);
    expect(Math.abs(told - ms)).toBeLessThanOrEqual(ms * 0.01 + 0.5);
  });
});

describe("latencies", () => {
  it("take no more room for more requests", () => {
    const once = latenciesOf(upTo(2_000));
    const often = Array.from({ length: 50 }).reduce<typeof once>(
      (all) => mergedLatencies(all, once),
      NO_LATENCIES,
    );
    expect(Object.keys(often)).toEqual(Object.keys(once));
    expect(Object.keys(once).length).toBeLessThan(400);
  });
});
