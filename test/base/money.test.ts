import { describe, expect, it } from "vitest";
import { formatUsd, microUsd, nanoFromPico, usd } from "../../src/base/money.ts";

describe("money", () => {
  it.each([
    [0, "0"],
    [1, "0.000000001"],
    [1_500, "0.0000015"],
    [75_000_000, "0.075"],
    [999_999_999, "0.999999999"],
    [1_000_000_000, "1"],
    [1_234_567_890, "1.23456789"],
    [-20_000_000, "-0.02"],
    [Number.MAX_SAFE_INTEGER, "9007199.254740991"],
  ])("writes %d nano-USD as %s", (nano, text) => {
    expect(formatUsd(nano)).toBe(text);
  });

  it.each([
    [0.075, 75_000],
    [2.5, 2_500_000],
    [0.1 + 0.2, 300_000],
    [0, 0],
  ])("reads %d USD as %d micro-USD", (usd, micro) => {
    expect(microUsd(usd)).toBe(micro);
  });

  it("rounds what was divided before it is written", () => {
    expect(usd(1_000 / 3)).toBe(0.000000333);
  });

  it.each([
    [0n, 0],
    [499n, 0],
    [500n, 1],
    [1_499n, 1],
    [1_500n, 2],
    [10n ** 30n, Number.MAX_SAFE_INTEGER],
  ])("rounds %d pico-USD to %d nano-USD", (pico, nano) => {
    expect(nanoFromPico(pico)).toBe(nano);
  });
});
