import { describe, expect, it } from "vitest";
import {
  type GroupSums,
  MOST_GROUPS,
  OTHERS,
  type Spend,
  type Sums,
  usageReport,
} from "../../../src/policy/view/spend.ts";

const ZERO: Sums = {
  ...{ requests: 0, cached: 0, failed: 0, estimated: 0, unpriced: 0 },
  ...{ input_tokens: 0, output_tokens: 0, delivered_tokens: 0, cost: 0, saved: 0 },
};
const group = (value: string, figure: number): GroupSums => ({
  values: [value],
  ...{ requests: figure, input_tokens: figure, output_tokens: figure, cost: figure },
});
const spend = (totals: number, groups: readonly GroupSums[]): Spend => ({
  ...{ now: 2, from: 0, to: 2, denied: 0, inMonth: 0, names: ["user"], groups },
  totals: { ...ZERO, requests: totals, input_tokens: totals, output_tokens: totals, cost: totals },
});

describe("usageReport", () => {
  it("puts groups beyond the most into one, so that all of them are the whole", () => {
    const groups = Array.from({ length: MOST_GROUPS + 1 }, (_, at) => group(`u${at}`, 2));
    const report = usageReport(spend(2 * (MOST_GROUPS + 7), groups)).groups;
    expect(report).toHaveLength(MOST_GROUPS + 1);
    expect(report.at(-1)).toMatchObject({ key: { user: OTHERS }, requests: 14, tokens: 28 });
    expect(report.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  });

  it("shares nothing out where nothing was spent", () => {
    const free = { ...group("a", 3), cost: 0 };
    const report = usageReport({ ...spend(3, [free]), totals: { ...ZERO, requests: 3 } });
    expect(report.groups).toMatchObject([{ key: { user: "a" }, cost_usd: 0, share: 0 }]);
    expect(report).toMatchObject({ average_cost_usd: 0, token_efficiency: 0 });
  });
});
