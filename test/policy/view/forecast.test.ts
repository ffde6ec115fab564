import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { forecastMonth, monthOf } from "../../../src/policy/view/forecast.ts";

const DAY = 86_400_000;

describe("monthOf", () => {
  it.each([
    ["2026-11-21T14:25:00Z", "2026-11-01", "2026-12-01"],
    ["2026-12-31T23:59:59Z", "2026-12-01", "2027-01-01"],
    ["2028-02-29T00:00:00Z", "2028-02-01", "2028-03-01"],
  ])("of %s is %s to %s", (now, start, end) => {
    expect(monthOf(Date.parse(now))).toEqual({ start: Date.parse(start), end: Date.parse(end) });
  });
});

describe("forecastMonth", () => {
  it("of steady spending is the whole month at that rate, whenever it is asked for", () => {
    const start = Date.UTC(2026, 10, 1);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 * DAY - 1 }), fc.nat(10_000), (passed, rate) => {
        const spent = rate * passed;
        const now = start + passed;
        const all = { now, from: start, to: now, inWindow: spent, inMonth: spent };
        expect(forecastMonth(all) / (rate * 30 * DAY || 1)).toBeCloseTo(rate === 0 ? 0 : 1, 6);
      }),
    );
  });

  it("does not count the part of a window that has not come yet", () => {
    const now = Date.UTC(2026, 10, 21);
    const soon = { now, from: now - DAY, to: now + DAY, inWindow: 10, inMonth: 30 };
    expect(forecastMonth(soon)).toBe(30 + 10 * 10);
  });

  it("is what was spent where the window has not begun", () => {
    const now = Date.UTC(2026, 10, 21);
    const later = { now, from: now, to: now + DAY, inWindow: 0, inMonth: 30 };
    expect(forecastMonth(later)).toBe(30);
  });
});
