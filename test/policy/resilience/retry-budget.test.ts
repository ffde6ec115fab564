import { describe, expect, it } from "vitest";
import {
  type BudgetEvent,
  mayRepeat,
  newRetryBudget,
  retryBudgetStep,
} from "../../../src/policy/resilience/retry-budget.ts";

const budgetAfter = (...events: readonly BudgetEvent[]) =>
  events.reduce(retryBudgetStep, newRetryBudget);

describe("the retry budget of a target", () => {
  it.each([
    ["nothing", [], 100],
    ["one failure", [{ kind: "fail", count: 1 }], 95],
    ["one timeout", [{ kind: "timeout", count: 1 }], 90],
    [
      "a success after a failure",
      [
        { kind: "fail", count: 1 },
        { kind: "ok", count: 1 },
      ],
      95.5,
    ],
    ["a success when full", [{ kind: "ok", count: 9 }], 100],
    ["an outage", [{ kind: "fail", count: 1_000 }], 0],
  ] as const)("holds after %s what it must", (_, events, tokens) => {
    expect(budgetAfter(...events)).toEqual({ tokens });
  });

  it("allows repeats above fifty tokens, however many", () => {
    expect(mayRepeat(budgetAfter({ kind: "fail", count: 9 }), false, 1_000)).toBe(true);
    expect(mayRepeat(budgetAfter({ kind: "fail", count: 10 }), false, 0)).toBe(false);
  });

  it("allows three at a time below that, while the breaker is closed", () => {
    const spent = budgetAfter({ kind: "timeout", count: 10 });
    expect([0, 2, 3].map((underWay) => mayRepeat(spent, true, underWay))).toEqual([
      true,
      true,
      false,
    ]);
    expect(mayRepeat(spent, false, 0)).toBe(false);
  });
});
