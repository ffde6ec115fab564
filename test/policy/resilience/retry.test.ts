import { expect, it } from "vitest";
import { waitBefore } from "../../../src/policy/resilience/retry.ts";

const least = () => 0;
const most = () => 1;

it.each([
  [0, 100],
  [1, 200],
  [4, 1_600],
  [5, 2_000],
  [9, 2_000],
])("before repeat %i anything up to %i ms is waited", (repeat, ms) => {
  expect(waitBefore(repeat, undefined, least)).toBe(0);
  expect(waitBefore(repeat, undefined, most)).toBe(ms);
});

it("as long as the provider has named is waited, and up to a tenth more", () => {
  expect(waitBefore(3, 2_000, least)).toBe(2_000);
  expect(waitBefore(3, 2_000, most)).toBe(2_200);
});
